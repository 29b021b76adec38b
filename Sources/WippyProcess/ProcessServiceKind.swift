import WippyDefinition
import WippyLog
import WippyRuntime
import WippyValues

/// `process.service`: keeps one process running, or runs it until it has succeeded.
struct ProcessServiceKind: EntryKind {
    static let name: KindName = "process.service"
    static let summary =
        "Runs a process on a host, and runs it again when it fails. A process fails if it ends with an error, or if it "
        + "returns false or a number other than 0. A script also ends with an error by `return nil, err`."
    static let role: ServiceRole? = .process

    struct Config: EntryConfig, ProcessCommandConfig {
        let process: Base<any HostedProcess>
        let host: Base<any ProcessHost>
        let input: [Value]
        let command: ProcessCommand?

        init(from fields: inout FieldReader) {
            process = fields.base("process", .process, "The process to run.")
            host = fields.base("host", .processHost, "The host that runs the process.")
            input = fields.optional("input", default: [], "The arguments of the process.")
            command = ProcessCommand(from: &fields)
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Never> {
        .service(
            SupervisedProcess(
                id: entry.config.process.id, process: try context.resolve(entry.config.process),
                host: try context.resolve(entry.config.host), input: entry.config.input))
    }
}

/// One process under supervision: each attempt is one run on the host.
private struct SupervisedProcess: ManagedService {
    let id: EntryID
    let process: Link<any HostedProcess>
    let host: Link<any ProcessHost>
    let input: [Value]

    var details: LogMetadata { ["process": "\(id)"] }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let run = try await host.target.spawn(process.target, as: id, input: input, ready: ready)
        let observation = stop.onFire { run.cancel() }
        defer { observation.end() }
        let outcome = await withTaskCancellationHandler {
            await run.outcome
        } onCancel: {
            run.terminate()
        }
        switch outcome {
        case .completed: return
        case .cancelled where stop.isFired: return
        case .cancelled: throw CancellationError()
        case .failed(let reason): throw ServiceFailure("\(id) \(reason)")
        }
    }
}
