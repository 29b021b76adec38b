/// The cleanups that a call has left, in the order in which they came.
struct PendingCleanups {
    private var byID: [ObjectIdentifier: any LuaCleanup] = [:]
    /// The ids of all cleanups that were added, also of those that were removed.
    private var order: [ObjectIdentifier] = []

    /// False if a cleanup was added and not taken, even if it was removed meanwhile.
    var isEmpty: Bool { order.isEmpty }

    /// The cleanups, in no order.
    var all: [any LuaCleanup] { Array(byID.values) }

    mutating func add(_ cleanup: any LuaCleanup) {
        let id = ObjectIdentifier(cleanup)
        if byID.updateValue(cleanup, forKey: id) == nil { order.append(id) }
    }

    mutating func remove(_ cleanup: any LuaCleanup) {
        byID[ObjectIdentifier(cleanup)] = nil
    }

    /// Takes the newest cleanup.
    mutating func popLast() -> (any LuaCleanup)? {
        while let id = order.popLast() {
            if let cleanup = byID.removeValue(forKey: id) { return cleanup }
        }
        return nil
    }
}
