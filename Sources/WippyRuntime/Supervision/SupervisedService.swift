import WippyDefinition

/// A service, with the information for starting, watching and stopping it.
struct SupervisedService: Sendable {
    /// The id of the entry to which the service belongs.
    var id: EntryID

    /// The role of the service.
    ///
    /// It decides the order if no edge does.
    var role: ServiceRole

    /// The start, the time limits, and the consequences of a failure.
    var policy: LifecyclePolicy

    /// The services that must reach a state first: those that `lifecycle.requires` names, and those behind references.
    var dependencies: [Requirement]

    /// The queues to which the service publishes, itself or through functions that it calls.
    var publishes: Set<EntryID>

    /// The queues from which the service takes work.
    var consumes: Set<EntryID>

    /// The service that runs.
    var service: any ManagedService
}
