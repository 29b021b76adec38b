public import WippyDefinition
public import WippyRuntime
public import WippyValues

/// An entry that keeps values by key.
///
/// Keys are compared by their bytes.
public protocol KeyValueStore: Sendable {
    /// The value of a key; nil if there is none, or it has expired.
    func value(of key: String) async throws -> Value?

    /// Sets the value of a key.
    ///
    /// - Parameters:
    ///   - value: the value to keep.
    ///   - key: the key under which it is found.
    ///   - lifetime: how long the value is kept; nil means until it is removed.
    /// - Throws: `WippyError` of kind `Unavailable` when there is no room for another key.
    func set(_ value: Value, of key: String, for lifetime: Duration?) async throws

    /// Removes a key and its value.
    ///
    /// - Returns: whether the key had a value.
    func remove(_ key: String) async throws -> Bool
}

extension Contract where Offered == any KeyValueStore {
    /// An entry that keeps values by key.
    public static var store: Self { Contract("a store", meaning: .accesses) }
}

extension EntryKind where Component: KeyValueStore {
    /// A store.
    public func offers(_ entry: Entry<Config>) -> [Offer<Component>] { [Offer(.store) { $0 }] }
}
