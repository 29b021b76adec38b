public import WippyDefinition

/// Why an application ended by itself: a required service failed for good.
public struct RequiredServiceFailure: Error, Hashable, CustomStringConvertible {
    /// The entry of the service.
    public let id: EntryID

    /// What happened and what to do.
    public let reason: String

    /// The entry and what happened.
    public var description: String { "\(id) is required and has failed: \(reason)" }
}
