import Glibc
import WippyApplication
import WippyCommandLine
import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippyText
import WippyValues

/// `queue`: inspects and changes the queues of the project in the folder.
struct QueueCommand: Command {
    static let name = "queue"
    static let summary = "Show and change the messages in the queues of the project in this folder."
    static let discussion = """
        Actions:
          list    Show how many messages each queue holds, and whether it is paused.
          peek    Show the messages that workers get next, with their bodies and headers. Secrets in them are shown.
          retry   Let delayed messages be tried again at once. Dead letters go back to the queue that they came from.
          purge   Remove every message that is not claimed.
          pause   Let workers get no message, also after a restart. Publishers can go on.
          resume  End the pause.

        The command asks a running application over its control socket, .wippy/run/PID.sock. If none runs, the
        command opens the databases of the queues and starts nothing else.
        """
    static let services: [any ControlService.Type] = [QueueControl.self]

    private let action: QueueControl.Action
    private let queue: String?
    private let limit: Int?
    private let running: RunningApplication
    private let isSure: Bool
    private let printsJSON: Bool
    private let application: Application

    /// The number of messages that 'peek' shows if no limit is given.
    private static let peekedMessages = 10

    init(from options: inout OptionReader) throws {
        let words = QueueControl.Action.allCases.map(\.rawValue)
        let action = options.operand("action", among: words, isRequired: true, "The action.")
        queue = options.operand(
            "queue",
            "The queue's id, such as app:tasks. Only 'list' works without it, and shows all queues.")
        limit = options.number(
            "limit", letter: "n", valueName: "count", in: 1...QueueControl.maxLimit,
            "The number of messages. Default: \(Self.peekedMessages) for 'peek', all for 'retry'.")
        running = options.runningApplication()
        isSure = options.flag("yes", letter: "y", "Let 'purge' remove the messages without asking.")
        printsJSON = options.flag("json", "Print one JSON object per line.")
        application = options.application()
        self.action = action.flatMap { QueueControl.Action(rawValue: $0) } ?? .list
        if action != nil, self.action != .list, queue == nil {
            throw UsageError("the queue is missing: write its id, such as '\(self.action) app:tasks'")
        }
    }

    func run() async throws -> Int32 {
        if try running.process() != nil {
            return try await perform { request, take in
                try running.ask(request, maxWaiting: action.maxWaiting, take)
            }
        }
        let checked = application.read()
        try checked.throwIfInvalid()
        return try await StoppedQueues.open(of: checked) { stopped in
            let known = checked.plan.ids(offering: .queue)
            return try await perform { request, take in
                try await stopped.answer(request, known, take)
            }
        }
    }

    private typealias Asking = (ControlRequest, (Value) throws -> Void) async throws -> Void

    private func perform(answering ask: Asking) async throws -> Int32 {
        if action == .purge, try !isPurgeWanted() { return 1 }
        var arguments: ValueMap = [:]
        arguments["queue"] = queue.map { .string($0) }
        arguments["limit"] = (limit ?? (action == .peek ? Self.peekedMessages : nil)).map { .integer($0) }
        let request = ControlRequest(QueueControl.self, action: action.rawValue, arguments: arguments)
        var values: [Value] = []
        var names: [String] = []
        try await ask(request) { value in
            if action == .list, let name = value["queue"]?.string { names.append(name) }
            if printsJSON || action == .peek { try show(value) } else { values.append(value) }
        }
        if action == .list, let queue, !names.contains(where: { ExactText.areEqual($0, queue) }) {
            throw QueueControl.absent(queue, among: names)
        }
        guard !printsJSON else { return 0 }
        switch action {
        case .list: try Console.out(QueueTableText(values.filter(isMeant)).text, terminator: "")
        case .peek: break
        case .retry: try Console.out("\(Self.count(in: values)) tried again")
        case .purge: try Console.out("\(Self.count(in: values)) removed")
        case .pause: try Console.out("\(queue ?? "") is paused")
        case .resume: try Console.out("\(queue ?? "") is resumed")
        }
        return 0
    }

    private func isMeant(_ row: Value) -> Bool {
        guard let queue else { return true }
        return row["queue"]?.string.map { ExactText.areEqual($0, queue) } ?? false
    }

    private static func count(in values: [Value]) -> String {
        let count = values.first?["count"]?.integer ?? 0
        return count == 1 ? "1 message is" : "\(count) messages are"
    }

    private func show(_ value: Value) throws {
        guard !printsJSON else {
            if action != .list || isMeant(value) { try Console.out(JSON.text(of: value)) }
            return
        }
        let delay = value["delay"]?.float ?? 0
        let due = delay > 0 ? "due in \(Duration.seconds(delay).readable)" : "ready"
        try Console.out(
            """
            \(value["id"]?.string ?? "")  \(value["attempts"]?.integer ?? 0) attempts, \(due)
              body     \(JSON.text(of: value["body"] ?? .null).visible)
              headers  \(JSON.text(of: value["headers"] ?? .null).visible)
            """)
    }

    /// Asks the user on a terminal.
    ///
    /// Throws without a terminal.
    private func isPurgeWanted() throws -> Bool {
        if isSure { return true }
        guard isatty(STDIN_FILENO) == 1 else {
            throw UsageError(
                "'purge' removes messages for good: give '--yes', because standard input is not a terminal")
        }
        Console.error("Remove every message of \((queue ?? "").visible) that is not claimed? [y/N]")
        let answer = readLine() ?? ""
        return ["y", "yes"].contains(answer.lowercasedASCII)
    }
}

extension QueueControl.Action {
    /// The longest time to wait for a part of the answer.
    ///
    /// The answer about many changed messages is only their number, and so comes late.
    fileprivate var maxWaiting: Duration {
        switch self {
        case .list, .peek, .pause, .resume: .seconds(60)
        case .retry, .purge: .seconds(3600)
        }
    }
}

extension StoppedQueues {
    /// Answers a request like a running application.
    ///
    /// The answer is an error for queues that cannot be shown, and for queues without a database file.
    fileprivate func answer(
        _ request: ControlRequest, _ known: [EntryID], _ take: (Value) throws -> Void
    ) async throws {
        let kept = queues.compactMapValues { $0.ability((any AdministeredQueue).self) }
        let control = QueueControl { kept }
        let name = request.arguments["queue"]?.string ?? ""
        let id = EntryID(name)
        if let id, queues[id] != nil, kept[id] == nil {
            throw ControlError(
                "no running application was found, so the messages of the queue '\(id)' cannot be reached; "
                    + "a queue in memory loses its messages when the application ends")
        }
        if let id, known.contains(id), kept[id] == nil {
            throw ControlError("the database of the queue '\(id)' does not exist yet, so the queue holds no messages")
        }
        let values = try await control.values(answering: request)
        guard request.action == QueueControl.Action.list.rawValue else { return try values.forEach(take) }
        let others = known.filter { kept[$0] == nil }.map { id -> Value in
            ["queue": .string(id.description), "state": .string(queues[id] == nil ? "no file yet" : "not shown")]
        }
        for row in (values + others).sorted(by: { ($0["queue"]?.string ?? "") < ($1["queue"]?.string ?? "") }) {
            try take(row)
        }
    }
}

/// The rows of `queue list` as a table.
private struct QueueTableText {
    /// The columns after the id: first those with words, then those with numbers.
    private static let columns =
        QueueInfo.figures.filter(\.isFlag) + QueueInfo.figures.filter { !$0.isFlag }

    let text: String

    init(_ rows: [Value]) {
        let headings = ["QUEUE"] + Self.columns.map(\.heading)
        let cells = rows.map { row in
            [row["queue"]?.string?.visible ?? ""] + Self.columns.map { Self.cell(row, $0) }
        }
        let firstNumber = 1 + Self.columns.count(where: \.isFlag)
        text = "\(TextTable([headings] + cells, numbersFrom: firstNumber))\n"
    }

    private static func cell(_ row: Value, _ figure: QueueInfo.Figure) -> String {
        let value = row[figure.nameInJSON] ?? .null
        switch figure.value {
        case .count: return value.integer.map { "\($0)" } ?? "-"
        case .age: return value.float.map { Duration.seconds($0).readable } ?? "-"
        case .rate:
            guard let rate = value.float else { return "-" }
            let tenths = Int((rate * 10).rounded())
            return "\(tenths / 10).\(tenths % 10)"
        case .flag: return value.string?.visible ?? "failed: \((row["error"]?.string ?? "").visible)"
        }
    }
}

extension QueueInfo.Figure {
    fileprivate var isFlag: Bool {
        if case .flag = value { true } else { false }
    }

    /// Headings that are shorter than the names.
    private static let shortHeadings = [
        "oldest_age": "OLDEST", "attempts_most": "ATTEMPTS", "published_rate": "IN/S", "acknowledged_rate": "DONE/S",
    ]

    /// The heading of the figure's column in `queue list`.
    ///
    /// By default it is the name of the figure in JSON, in capitals. A rate has `/S` in the place of `_RATE`.
    package var heading: String {
        Self.shortHeadings[name]
            ?? nameInJSON.uppercasedASCII.replacing("_RATE", with: "/S").replacing("_", with: " ")
    }
}
