import Synchronization

/// Values of which there is one of each type, made when they are first asked for.
final class SharedParts: Sendable {
    private let parts = Mutex<[ObjectIdentifier: any Sendable]>([:])

    /// The value of a type.
    ///
    /// - Parameter make: makes it; may run twice if two threads ask at once.
    func part<Part: Sendable>(_ make: () -> Part) -> Part {
        let key = ObjectIdentifier(Part.self)
        if let part = parts.withLock({ $0[key] }) as? Part { return part }
        let part = make()
        parts.withLock { $0[key] = part }
        return part
    }
}
