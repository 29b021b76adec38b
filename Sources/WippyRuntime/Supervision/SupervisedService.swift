import WippyDefinition

/// A service with what the supervisor must know to start, watch and stop it.
struct SupervisedService: Sendable {
    /// The entry that the service belongs to.
    var id: EntryID

    /// When it runs, if no edge says otherwise.
    var role: ServiceRole

    /// When it starts, how long it may take, and what follows a failure.
    var policy: LifecyclePolicy

    /// What must have come to a state first: what `lifecycle.requires` names, and the services behind references.
    var dependencies: [Requirement]

    /// The queues that it publishes to, itself or through what it calls.
    var publishes: Set<EntryID>

    /// The queues that it takes messages from.
    var consumes: Set<EntryID>

    /// What runs.
    var service: any ManagedService
}
