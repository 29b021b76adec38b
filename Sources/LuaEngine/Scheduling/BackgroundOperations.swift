/// The background operations of a call: those that have not begun yet, and those that run.
struct BackgroundOperations {
    private var waiting: [LuaBackground] = []
    private var begun: [ObjectIdentifier: LuaBackground] = [:]

    var isEmpty: Bool { waiting.isEmpty && begun.isEmpty }

    mutating func add(_ item: LuaBackground) throws(LuaRaise) {
        guard waiting.count + begun.count < LuaBackground.maxCount else {
            throw LuaRaise("more than \(LuaBackground.maxCount) timers or subscriptions")
        }
        waiting.append(item)
    }

    /// Returns the operations that have not begun and are not cancelled, and counts them as begun.
    mutating func begin() -> [LuaBackground] {
        let items = waiting.filter { !$0.isCancelled }
        waiting = []
        for item in items { begun[ObjectIdentifier(item)] = item }
        return items
    }

    /// Removes an operation that has ended.
    mutating func end(_ id: ObjectIdentifier) -> LuaBackground? { begun.removeValue(forKey: id) }

    /// Cancels the operations that run, and forgets all.
    mutating func cancelAll() {
        for item in begun.values { item.cancel() }
        self = BackgroundOperations()
    }
}
