import Synchronization

/// Values of different types, one of each type.
///
/// Each is made when it is first needed. Any thread can ask for one.
public final class SharedValues: Sendable {
    private let values = Mutex<[ObjectIdentifier: any Sendable]>([:])

    /// Creates an empty collection.
    public init() {}

    /// Returns the value of a type.
    ///
    /// - Parameter make: makes the value. It may run again if several threads ask at the same time. Then all of them
    ///   get the value that was ready first.
    public func value<Shared: Sendable>(_ make: () -> Shared) -> Shared {
        let key = ObjectIdentifier(Shared.self)
        if let value = values.withLock({ $0[key] }) as? Shared { return value }
        let made = make()
        return values.withLock { values in
            if let value = values[key] as? Shared { return value }
            values[key] = made
            return made
        }
    }
}
