public import WippyDefinition
public import WippyValues

/// A change of one entry that code asks for.
public enum EntryOperation: Sendable {
    /// An entry that is not there yet.
    case create(EntryID, kind: String, meta: Value, data: Value)
    /// An entry that is there, said anew as a whole.
    case update(EntryID, kind: String, meta: Value, data: Value)
    /// An entry that goes.
    case delete(EntryID)

    /// The entry.
    public var id: EntryID {
        switch self {
        case .create(let id, _, _, _), .update(let id, _, _, _), .delete(let id): id
        }
    }
}

/// What changes the entries of a running application for its code.
///
/// A change is checked and applied as a reload is: all of it or nothing.
public protocol RegistryEditor: Sendable {
    /// Applies operations, in their order, to what is declared.
    ///
    /// - Returns: the number of the version that is in force then.
    /// - Throws: ``WippyError``: `AlreadyExists` and `NotFound` for operations that do not fit what is there, `Invalid`
    ///   for entries with errors, which it names, `Conflict` for a plan that was refused or taken back, `Unavailable`
    ///   when the application stops.
    func apply(_ operations: [EntryOperation]) async throws(WippyError) -> Int

    /// Goes to a version that is kept: its plan is in force again, under its number.
    ///
    /// - Throws: ``WippyError``: `NotFound` for a version that is not kept, the rest as ``apply(_:)``.
    func go(to number: Int) async throws(WippyError)
}
