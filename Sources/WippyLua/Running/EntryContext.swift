import WippyDefinition
import WippyLog
import WippyRuntime

/// The context that all calls of a Lua entry share: the entry's id, the access to other entries, and values of modules.
final class EntryContext: Sendable {
    let id: EntryID
    let log: Log
    let environment: RuntimeEnvironment

    /// The largest content of an answer, in bytes.
    let maxResultBytes: Int

    /// The other entries, by the ids that scripts name.
    let targets: EntryTargets

    private let sharedValues = SharedValues()

    init(_ id: EntryID, maxResultBytes: Int, in environment: RuntimeEnvironment) {
        self.id = id
        self.maxResultBytes = maxResultBytes
        self.environment = environment
        log = environment.log.with(entry: id.description)
        targets = EntryTargets(in: environment.registry)
    }

    /// The application's registry; nil in a test without an application.
    var registry: Registry? { environment.registry }

    /// Returns the value of a type that a module keeps for all calls of the entry.
    ///
    /// `make` creates the value when it is first needed. It may run twice if two threads ask at the same time.
    func shared<Shared: Sendable>(_ make: (RuntimeEnvironment) -> Shared) -> Shared {
        sharedValues.value { make(environment) }
    }
}
