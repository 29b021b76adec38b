import Synchronization

/// Values of different types, one of each type.
///
/// Each is made when it is first needed.
package final class SharedParts: Sendable {
    private let parts = Mutex<[ObjectIdentifier: any Sendable]>([:])

    package init() {}

    /// Returns the value of a type.
    ///
    /// - Parameter make: makes the value. It may run twice if two threads ask at the same time.
    package func part<Part: Sendable>(_ make: () -> Part) -> Part {
        let key = ObjectIdentifier(Part.self)
        if let part = parts.withLock({ $0[key] }) as? Part { return part }
        let part = make()
        parts.withLock { $0[key] = part }
        return part
    }
}
