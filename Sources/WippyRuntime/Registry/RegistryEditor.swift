public import WippyDefinition
public import WippyValues

/// A change of one entry that code asks for.
public enum EntryOperation: Sendable {
    /// Adds an entry.
    case create(EntryID, kind: String, meta: Value, data: Value)
    /// Replaces an existing entry.
    case update(EntryID, kind: String, meta: Value, data: Value)
    /// Removes an entry.
    case delete(EntryID)

    /// The id of the entry.
    public var id: EntryID {
        switch self {
        case .create(let id, _, _, _), .update(let id, _, _, _), .delete(let id): id
        }
    }
}

/// Changes the entries of a running application when code asks for it.
///
/// A change is checked and applied like a reload: as a whole or not at all.
public protocol RegistryEditor: Sendable {
    /// Applies operations in order, as one change.
    ///
    /// - Returns: the number of the version that is now in force.
    /// - Throws: ``WippyError`` of kind `AlreadyExists` or `NotFound` when an operation does not match the existing
    ///   entries; of kind `Invalid` when the project would have errors; of kind `Conflict` when the plan was refused or
    ///   taken back; of kind `Unavailable` when the application stops.
    func apply(_ operations: [EntryOperation]) async throws(WippyError) -> Int

    /// Goes back to one of the versions in ``Registry/kept``. Its plan is in force again, with its number.
    ///
    /// - Throws: ``WippyError`` of kind `NotFound` when the version is not kept; also the errors of ``apply(_:)``.
    func go(to number: Int) async throws(WippyError)
}

extension WippyError {
    /// Returns the error about a version that ``Registry/kept`` does not have.
    package static func versionNotKept(_ number: Int) -> WippyError {
        WippyError(.notFound, "the history does not hold version \(number)", isRetryable: false)
    }
}
