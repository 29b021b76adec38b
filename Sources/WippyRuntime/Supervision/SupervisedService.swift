public import WippyDefinition

/// A service with what the supervisor must know to start, watch and stop it.
public struct SupervisedService: Sendable {
    /// The entry that the service belongs to.
    public var id: EntryID

    /// When it runs, if no edge says otherwise.
    public var role: ServiceRole

    /// When it starts, how long it may take, and what follows a failure.
    public var policy: LifecyclePolicy

    /// What must have come to a state first: what `lifecycle.requires` names, and the services behind references.
    public var dependencies: [Requirement]

    /// The queues that it publishes to, itself or through what it calls.
    public var publishes: Set<EntryID>

    /// The queues that it takes messages from.
    public var consumes: Set<EntryID>

    /// What runs.
    public var service: any ManagedService

    /// Creates a description of a service.
    public init(
        id: EntryID, role: ServiceRole, policy: LifecyclePolicy = .standard, dependencies: [Requirement] = [],
        publishes: Set<EntryID> = [], consumes: Set<EntryID> = [], service: any ManagedService
    ) {
        self.id = id
        self.role = role
        self.policy = policy
        self.dependencies = dependencies
        self.publishes = publishes
        self.consumes = consumes
        self.service = service
    }

    /// How long an attempt may take to become ready: ten seconds unless written; no limit for a process.
    var startLimit: Duration? { policy.startTimeout ?? (service.mayStartSlowly ? nil : .seconds(10)) }

    /// How long it may take to stop: ten seconds unless written; as long as there is time for what takes work in.
    var stopLimit: Duration? {
        switch role {
        case .consumer, .server: policy.stopTimeout
        case .resource, .process: policy.stopTimeout ?? .seconds(10)
        }
    }
}
