public import WippyDefinition

/// The error for an application that ended by itself, because a required service stays down.
public struct RequiredServiceFailure: Error, Hashable, CustomStringConvertible {
    /// The id of the service's entry.
    public let id: EntryID

    /// The reason of the service's failure.
    public let reason: String

    /// A text with the entry's id and the reason.
    public var description: String { "\(id) is required and has failed: \(reason)" }
}
