import WippyDefinition
import WippyLog
import WippyRuntime
import WippySQL
import WippyStore

/// What the calls of one Lua entry have in common: who they are, and the way to other entries.
final class EntryContext: Sendable {
    let id: EntryID
    let log: Log
    let environment: RuntimeEnvironment

    /// How long the content of an answer may be.
    let resultBytesMax: Int

    /// The queues that code names by their ids.
    let queues: EntryTargets<any MessageQueue>

    /// The databases that code names by their ids.
    let databases: EntryTargets<any SQLDatabase>

    /// The stores that code names by their ids.
    let stores: EntryTargets<any KeyValueStore>

    /// The functions that code names by their ids.
    let functions: EntryTargets<any Function>

    /// The processes that code names by their ids.
    let processes: EntryTargets<any HostedProcess>

    /// The hosts that code names by their ids.
    let hosts: EntryTargets<any ProcessHost>

    /// The variables of the project.
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

    /// What runs; nil in a test without an application.
    var registry: Registry? { environment.registry }
}
