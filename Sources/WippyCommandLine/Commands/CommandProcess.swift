import Synchronization
import WippyApplication
import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

/// A process that the command line names.
///
/// It runs once beside the application.
struct CommandProcess: Sendable {
    /// The way in which the command line names the process.
    enum Choice: Sendable {
        /// By the value of `meta.command.name`.
        case command(ExactText)
        /// By the id of the entry.
        case id(String)
        /// As the process with the project's tests.
        case tests
    }

    let choice: Choice
    /// The arguments of the process, as texts.
    let arguments: [String]
    /// The id of the host; nil for the project's only host.
    let host: String?

    /// Reads the process from the arguments of a command: a name, `--exec` and `--host`.
    ///
    /// - Parameters:
    ///   - options: the arguments.
    ///   - operand: the help of the operand with the name.
    ///   - verb: the verb for the help of the options, such as `Run`.
    /// - Returns: the process, nil if the arguments name none; and the id of the host, nil if they do not name it.
    static func read(
        from options: inout OptionReader, operand: String, verb: String
    ) -> (process: CommandProcess?, host: String?) {
        let name = options.operand("command", operand)
        let arguments = options.furtherOperands("argument", "The arguments of the command.")
        let id = options.value(
            "exec", letter: "x", valueName: "ns:name",
            "\(verb) this process beside the application. All words are its arguments.")
        let host = host(from: &options, verb: verb)
        let choice = id.map(Choice.id) ?? name.map { .command(ExactText($0)) }
        let words = id == nil ? arguments : (name.map { [$0] } ?? []) + arguments
        return (choice.map { CommandProcess(choice: $0, arguments: words, host: host) }, host)
    }

    /// Reads the option `--host`.
    static func host(from options: inout OptionReader, verb: String) -> String? {
        options.value(
            "host", valueName: "ns:name",
            "\(verb) it on this host. Default: the project's only terminal host, else the project's only host.")
    }

    /// True if the word in place of the name asks for the list of the project's commands.
    var isList: Bool {
        if case .command(ProcessCommand.list) = choice { true } else { false }
    }

    /// Runs the process.
    ///
    /// When it ends, the application stops.
    ///
    /// - Returns: the exit status. It is the number that the process returns, 1 for false and for an error, otherwise
    ///   0.
    func run(in application: Application) async throws -> Int32 {
        let registry = application.registry
        let (id, hostID) = try ids(in: registry.current.plan)
        guard let process = registry.link(to: id, as: .process), let host = registry.link(to: hostID, as: .processHost)
        else { throw UsageError("'\(id)' or '\(hostID)' was removed in the meantime") }
        let observed = ObservedProcess(process.target)
        let run = try await host.target.spawn(observed, as: id, input: arguments.map(Value.string), ready: {})
        let outcome = await withTaskCancellationHandler {
            await run.outcome
        } onCancel: {
            run.cancel()
        }
        if let status = observed.status { return status }
        switch outcome {
        case .completed: return 0
        case .cancelled where Task.isCancelled: return 0
        case .cancelled: return Self.fail(id, "was cancelled, although nothing stops it")
        case .failed(let reason): return Self.fail(id, reason)
        }
    }

    private static func fail(_ id: EntryID, _ reason: String) -> Int32 {
        Console.error("Error: \(id) \(reason)")
        return 1
    }

    /// Returns the ids of the process and its host.
    ///
    /// Throws if the project does not have them.
    func ids(in plan: Plan) throws(Refusal) -> (process: EntryID, host: EntryID) {
        let process = try processID(in: plan)
        let host = try hostID(in: plan, for: process)
        guard plan.ids(offering: .process).contains(process) else { throw Refusal("'\(process)' is not a process") }
        guard plan.ids(offering: .processHost).contains(host) else { throw Refusal("'\(host)' is not a process host") }
        return (process, host)
    }

    private func processID(in plan: Plan) throws(Refusal) -> EntryID {
        switch choice {
        case .id(let text):
            guard let id = EntryID(text) else { throw Refusal("'\(text)' is not an id: an id is 'namespace:name'") }
            guard plan[id] != nil else {
                var names = EntrySpelling(plan.entries.map(\.id))
                throw Refusal("there is no entry '\(id)'", suggesting: names.nearest(to: id)?.description)
            }
            return id
        case .command(let name):
            if let found = plan.commands.first(where: { $0.command.name == name }) { return found.process }
            throw Refusal(
                "the project has no command '\(name)': no process has that name in '\(ProcessCommand.nameField)'",
                suggesting: Spelling.nearest(to: name, among: plan.commands.compactMap(\.command.name))?.string)
        case .tests:
            let found = plan.commands.filter { $0.command.useCase == ProcessCommand.test }
            let words = "with \(ProcessCommand.useOfTests)"
            guard let first = found.first else { throw Refusal("the project has no process \(words)") }
            guard found.count == 1 else {
                throw Refusal(
                    "the project has several processes \(words)", found.map { ($0.id, $0.placeOfUse) },
                    "leave it to one of them")
            }
            return first.process
        }
    }

    /// Returns the named host.
    ///
    /// Without a name, returns the only terminal host, or the only host of processes.
    private func hostID(in plan: Plan, for process: EntryID) throws(Refusal) -> EntryID {
        if let host {
            guard let id = EntryID(host), plan[id] != nil else {
                throw Refusal("'--host' names '\(host)', which is not an entry of the project")
            }
            return id
        }
        for contract in [Contract.terminalHost, .processHost] {
            let hosts = plan.ids(offering: contract).compactMap { plan[$0] }
            if hosts.count > 1 {
                throw Refusal(
                    "the project has several hosts", hosts.map { ($0.id, $0.location) }, "choose one with '--host'")
            }
            if let only = hosts.first { return only.id }
        }
        throw Refusal(
            PlannedCommand.lackOfHost.problem, [(process, plan[process]?.location ?? Refusal.commandLine)],
            PlannedCommand.lackOfHost.remedy)
    }

    /// The error of a process that the project cannot run.
    struct Refusal: Error, CustomStringConvertible {
        /// The error as `lint` reports it: at the place of the last entry that it names, else on the command line.
        let diagnostic: Diagnostic

        fileprivate static let commandLine = Location(source: "the command line")

        /// The message, which the program prints.
        var description: String { diagnostic.message }

        /// Creates an error about the arguments of the command line.
        fileprivate init(_ message: String, suggesting text: String? = nil) {
            diagnostic = .error(at: Self.commandLine, message).suggesting(text)
        }

        /// Creates an error about entries.
        ///
        /// - Parameters:
        ///   - message: the problem.
        ///   - entries: the ids of the entries, at least one, and the places to name.
        ///   - advice: the remedy.
        fileprivate init(_ message: String, _ entries: [(id: EntryID, place: Location)], _ advice: String) {
            let names = entries.map { "\($0.id) (\($0.place))" }.joined(separator: ", ")
            let (last, others) = (entries[entries.count - 1], entries.dropLast())
            diagnostic = .error(at: last.place, entry: last.id, "\(message): \(names); \(advice)")
                .naming(others.map(\.place))
        }
    }
}

/// A process that remembers its result.
private final class ObservedProcess: HostedProcess {
    private let process: any HostedProcess
    private let returned = Mutex<Value?>(nil)

    init(_ process: any HostedProcess) {
        self.process = process
    }

    func run(_ context: ProcessContext) async throws -> Value {
        let value = try await process.run(context)
        returned.withLock { $0 = value }
        return value
    }

    /// The exit status; nil if the process has not returned.
    var status: Int32? { returned.withLock { $0?.exitStatus } }
}

extension Value {
    /// The exit status of a program whose process has returned this value.
    ///
    /// It is 0 if, and only if, the process has not failed.
    var exitStatus: Int32 {
        guard case .failed = ProcessOutcome(returned: self) else { return 0 }
        let byte = wholePart & 0xFF
        return byte == 0 ? 1 : Int32(byte)
    }

    /// The last bits of the whole part of a number; 1 for any other value, and for a number of more than 64 bits.
    private var wholePart: Int {
        switch self {
        case .integer(let number): number
        case .unsigned(let number): Int(truncatingIfNeeded: number)
        case .float(let number): Int(exactly: number.rounded(.towardZero)) ?? 1
        default: 1
        }
    }
}
