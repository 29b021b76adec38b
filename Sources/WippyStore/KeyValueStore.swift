public import WippyDefinition
public import WippyRuntime
public import WippyValues

/// A store, which keeps values by their keys.
///
/// Keys are compared by their bytes. A call may suspend, but does not block its thread. It can throw errors such as
/// these:
/// - `WippyError` of kind `Invalid`: the key or the value is wrong for this store;
/// - `WippyError` of kind `Unavailable`, retryable: there is no room for another key, or the store cannot be reached
///   now;
/// - `CancellationError`: the task was cancelled. A change that has begun runs to its end.
public protocol KeyValueStore: Sendable {
    /// Returns the value of a key; nil if the key has no value, or if its value has expired.
    func value(of key: String) async throws -> Value?

    /// Sets the value of a key.
    ///
    /// The new value and its lifetime replace an earlier value and its lifetime.
    ///
    /// `lifetime` is the time for which the value is kept; nil for a value that does not expire.
    func set(_ value: Value, of key: String, for lifetime: Duration?) async throws

    /// Removes a key and its value.
    ///
    /// - Returns: true if the key had a value that had not expired.
    func remove(_ key: String) async throws -> Bool
}

extension Contract where Offered == any KeyValueStore {
    /// The contract of an entry that keeps values by their keys.
    public static var store: Self { Contract("a store", meaning: .accesses) }
}

extension EntryKind where Component: KeyValueStore {
    /// Offers the component as a store.
    public func offers(_ entry: Entry<Config>) -> [Offer<Component>] { [Offer(.store) { $0 }] }
}
