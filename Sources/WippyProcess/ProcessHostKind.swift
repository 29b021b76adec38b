import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime
import WippyValues

/// `process.host`: runs processes as tasks on the event loops.
struct ProcessHostKind: EntryKind {
    static let name: KindName = "process.host"
    static let summary = "Runs processes. Each process is a task on one of the event loops."
    static let role: ServiceRole? = .resource

    struct Config: EntryConfig {
        init(from fields: inout FieldReader) {
            let reason = "processes share the application's event loops"
            fields.ignored("host.workers", because: reason)
            fields.ignored("host.queue_size", because: reason)
            fields.ignored("host.local_queue_size", because: reason)
            fields.ignored("host.max_processes", because: "every host runs up to \(TaskProcessHost.capacity) processes")
        }
    }

    func offers(_ entry: Entry<Config>) -> [Offer<TaskProcessHost>] { [Offer(.processHost) { $0 }] }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<TaskProcessHost> {
        let host = TaskProcessHost(environment: context.environment)
        return .component(host, service: host)
    }
}

/// Runs each process as a separate task.
final class TaskProcessHost: ProcessHost, ManagedService {
    /// The number of processes that may run at once.
    static let capacity = 100_000

    private struct State {
        var isRunning = false
        var nextKey = 0
        var runs: [Int: ProcessRun] = [:]
    }

    private let environment: RuntimeEnvironment
    private let terminal: (any Terminal)?
    private let state = Mutex(State())

    /// - Parameter terminal: the standard streams of the host's processes, on a `terminal.host`; otherwise nil.
    init(environment: RuntimeEnvironment, terminal: (any Terminal)? = nil) {
        self.environment = environment
        self.terminal = terminal
    }

    func spawn(
        _ process: any HostedProcess, as id: EntryID, input: [Value], ready: @escaping @Sendable () -> Void
    ) throws -> ProcessRun {
        let stop = StopSignal()
        let context = ProcessContext(
            id: id, input: input, log: environment.log.with(entry: id.description), clock: environment.clock,
            terminal: terminal, stop: stop, ready: ready)
        return try state.withLock { state in
            guard state.isRunning else {
                throw WippyError(.unavailable, "the process host is not running", isRetryable: true)
            }
            guard state.runs.count < Self.capacity else {
                throw WippyError(
                    .unavailable,
                    "the process host already runs \(Self.capacity) processes, which is its limit", isRetryable: true)
            }
            let key = state.nextKey
            state.nextKey += 1
            // The holder of the run waits for its outcome. When the host stops, it cancels the remaining runs and waits
            // for them.
            let task = Task(executorPreference: environment.executors.next()) { [self] in
                let outcome = await Self.outcome(of: process, in: context)
                self.state.withLock { _ = $0.runs.removeValue(forKey: key) }
                return outcome
            }
            let run = ProcessRun(task: task, stop: stop)
            state.runs[key] = run
            return run
        }
    }

    private static func outcome(of process: any HostedProcess, in context: ProcessContext) async -> ProcessOutcome {
        do {
            return ProcessOutcome(returned: try await process.run(context))
        } catch is CancellationError {
            return .cancelled
        } catch {
            return .failed("failed: \(FailureReason.text(of: error))")
        }
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        state.withLock { $0.isRunning = true }
        ready()
        await stop.wait()
        let left = state.withLock { state in
            state.isRunning = false
            return Array(state.runs.values)
        }
        for run in left { run.cancel() }
        await withTaskCancellationHandler {
            for run in left { _ = await run.outcome }
        } onCancel: {
            for run in left { run.terminate() }
        }
    }
}
