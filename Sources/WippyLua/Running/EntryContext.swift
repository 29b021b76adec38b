import WippyDefinition
import WippyLog
import WippyRuntime
import WippySQL
import WippyStore

/// The context that all calls of a Lua entry share: the entry's id, and the access to other entries.
final class EntryContext: Sendable {
    let id: EntryID
    let log: Log
    let environment: RuntimeEnvironment

    /// The largest content of an answer, in bytes.
    let resultBytesMax: Int

    /// The queues, by the ids that scripts name.
    let queues: EntryTargets<any MessageQueue>

    /// The databases, by the ids that scripts name.
    let databases: EntryTargets<any SQLDatabase>

    /// The stores, by the ids that scripts name.
    let stores: EntryTargets<any KeyValueStore>

    /// The functions, by the ids that scripts name.
    let functions: EntryTargets<any Function>

    /// The processes, by the ids that scripts name.
    let processes: EntryTargets<any HostedProcess>

    /// The hosts, by the ids that scripts name.
    let hosts: EntryTargets<any ProcessHost>

    /// The project's variables.
    let variables: ScriptVariables

    init(_ id: EntryID, resultBytesMax: Int, in environment: RuntimeEnvironment) {
        self.id = id
        self.resultBytesMax = resultBytesMax
        self.environment = environment
        log = environment.log.with(entry: id.description)
        queues = EntryTargets(.queue, in: environment.registry)
        databases = EntryTargets(.database, in: environment.registry)
        stores = EntryTargets(.store, in: environment.registry)
        functions = EntryTargets(.function, in: environment.registry)
        processes = EntryTargets(.process, in: environment.registry)
        hosts = EntryTargets(.processHost, in: environment.registry)
        variables = ScriptVariables(in: environment.registry)
    }

    /// The application's registry; nil in a test without an application.
    var registry: Registry? { environment.registry }
}
