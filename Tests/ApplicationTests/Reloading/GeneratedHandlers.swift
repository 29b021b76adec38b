import Synchronization
import Wippy

/// What the handlers of one running application have done.
final class GeneratedJournal: Sendable {
    /// The journal of the application that is built, or runs, in the current task.
    @TaskLocal static var current = GeneratedJournal()

    private struct State {
        var processes: [Int: @Sendable () async -> String] = [:]
        var begun = 0
        var handled: Set<UniqueID> = []
        var attempts: [UniqueID: Int] = [:]
        /// The texts of the handlers that hold a message each, and what they wait for.
        var holding: [String] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// What the processes say that run now.
    func running() async -> [String] {
        var lines: [String] = []
        for process in state.withLock({ Array($0.processes.values) }) { lines.append(await process()) }
        return lines.sorted()
    }

    /// The messages whose handlers have done their work.
    var handled: Set<UniqueID> { state.withLock { $0.handled } }

    var holding: [String] { state.withLock { $0.holding.sorted() } }

    func attempts(of id: UniqueID) -> Int { state.withLock { $0.attempts[id] ?? 0 } }

    /// Notes that a process runs, until the number that it gets is told to ``end(_:)``.
    func begin(_ process: @escaping @Sendable () async -> String) -> Int {
        state.withLock { state in
            state.begun += 1
            state.processes[state.begun] = process
            return state.begun
        }
    }

    func end(_ process: Int) { _ = state.withLock { $0.processes.removeValue(forKey: process) } }

    func handle(_ id: UniqueID) { _ = state.withLock { $0.handled.insert(id) } }

    func attempt(_ id: UniqueID) { state.withLock { $0.attempts[id, default: 0] += 1 } }

    /// Waits until those who hold messages are let go.
    func hold(_ text: String) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.holding.append(text)
                state.waiting.append(continuation)
            }
        }
    }

    func letGo() {
        let waiting = state.withLock { state in
            defer { (state.holding, state.waiting) = ([], []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// What a generated entry tells its handler.
struct GeneratedConfig: EntryConfig {
    let text: String
    let uses: [String]
    let mode: String

    init(from fields: inout FieldReader) {
        text = fields.required("text", "What it answers.")
        let uses: String = fields.required("uses", "The names that it has for others.")
        self.uses = uses.split(separator: " ").map(String.init)
        mode = fields.optional("mode", default: "", "How a process ends.")
    }
}

/// What a handler finds behind the names that it has for others.
private struct Surroundings {
    let text: String
    let mode: String
    let journal = GeneratedJournal.current
    private let database: Database?
    private let next: LinkedFunction?
    let queue: Queue?

    init(_ context: HandlerContext) throws {
        let config = try context.config(GeneratedConfig.self)
        (text, mode) = (config.text, config.mode)
        database = try config.uses.contains("db") ? context.database("db") : nil
        next = try config.uses.contains("next") ? context.function("next") : nil
        queue = try config.uses.contains("queue") ? context.queue("queue") : nil
    }

    /// The text, and what the others say.
    func description() async -> String {
        var parts = [text]
        if let database {
            do {
                let found = try await database.json(
                    """
                    SELECT (SELECT file FROM pragma_database_list WHERE name = 'main') AS file,
                        (SELECT foreign_keys FROM pragma_foreign_keys) AS keys,
                        (SELECT cache_size FROM pragma_cache_size) AS cache
                    """)
                parts.append("db \(String(decoding: found.bytes, as: UTF8.self))")
            } catch {
                // One that has been closed says so in other words than one that was never opened.
                parts.append("db \((error as? WippyError).map { "\($0.kind)" } ?? "\(error)")")
            }
        }
        if let next {
            do {
                parts.append("next \(try await next.call(.null))")
            } catch {
                parts.append("next \(error)")
            }
        }
        return parts.joined(separator: "; ")
    }
}

/// Answers a request with what it finds; publishes a message if it has a queue, whose id is in a field.
struct GeneratedAnswer: HTTPHandler {
    typealias Config = GeneratedConfig
    private let surroundings: Surroundings

    init(_ context: HandlerContext) throws { surroundings = try Surroundings(context) }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        _ = try await request.body.collect()
        var response = HTTPResponse.text(await surroundings.description())
        if let queue = surroundings.queue {
            try response.fields.set("X-Published", "\(try await queue.publish("note"))")
        }
        return response
    }
}

struct GeneratedCall: FunctionHandler {
    typealias Config = GeneratedConfig
    private let surroundings: Surroundings

    init(_ context: HandlerContext) throws { surroundings = try Surroundings(context) }

    func call(_ input: Value) async -> String { await surroundings.description() }
}

/// Does what a message says: `hold` waits, `fail` fails in the queue that it was published to.
struct GeneratedHandle: MessageHandler {
    struct Refused: Error {}

    typealias Config = GeneratedConfig
    private let surroundings: Surroundings

    init(_ context: HandlerContext) throws { surroundings = try Surroundings(context) }

    func handle(_ body: Value, _ delivery: Delivery) async throws {
        let words = (body.string ?? "").split(separator: " ")
        switch words.first {
        case "hold": await surroundings.journal.hold(await surroundings.description())
        case "fail" where words[1] == delivery.queue.description:
            surroundings.journal.attempt(delivery.message.id)
            throw Refused()
        default: break
        }
        surroundings.journal.handle(delivery.message.id)
    }
}

/// Ends at once, fails the first time or always, or stays until it is told to end.
struct GeneratedProcess: ProcessHandler {
    struct Failed: Error {}

    typealias Config = GeneratedConfig
    private let surroundings: Surroundings
    private let runs = Runs()

    private final class Runs: Sendable {
        let count = Atomic(0)
    }

    init(_ context: HandlerContext) throws { surroundings = try Surroundings(context) }

    func run(_ process: ProcessContext) async throws -> Int {
        let run = runs.count.add(1, ordering: .relaxed).newValue
        switch surroundings.mode {
        case "finish": return 0
        case "once": return run == 1 ? 1 : 0
        case "fail": throw Failed()
        default:
            let number = surroundings.journal.begin { [surroundings] in
                "\(process.id) runs with \(process.input): \(await surroundings.description())"
            }
            defer { surroundings.journal.end(number) }
            _ = await process.nextEvent()
            return 0
        }
    }
}
