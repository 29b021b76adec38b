public import WippyDefinition
public import WippyValues

/// A change of one entry, by code.
public enum EntryOperation: Sendable {
    /// Adds an entry.
    case create(EntryID, kind: String, meta: Value, data: Value)
    /// Replaces an existing entry.
    case update(EntryID, kind: String, meta: Value, data: Value)
    /// Removes an entry.
    case delete(EntryID)

    /// The entry.
    public var id: EntryID {
        switch self {
        case .create(let id, _, _, _), .update(let id, _, _, _), .delete(let id): id
        }
    }
}

/// Changes the entries of a running application, for code.
///
/// A change is checked and applied like a reload: all of it or nothing.
public protocol RegistryEditor: Sendable {
    /// Applies operations in order.
    ///
    /// - Returns: the number of the version that is now in force.
    /// - Throws: ``WippyError``: `AlreadyExists` and `NotFound` for operations that do not fit the existing entries,
    ///   `Invalid` for entries with errors, which it names, `Conflict` for a plan that was refused or taken back,
    ///   `Unavailable` when the application stops.
    func apply(_ operations: [EntryOperation]) async throws(WippyError) -> Int

    /// Goes back to a kept version. Its plan is in force again, with its number.
    ///
    /// - Throws: ``WippyError``: `NotFound` for a version that is not kept; otherwise as ``apply(_:)``.
    func go(to number: Int) async throws(WippyError)
}
