import EventLoops
import Synchronization
import Testing
import Wippy
import WippyTestClient
import WippyTesting

/// A generated project that runs, and what can be seen of it from outside.
final class GeneratedSystem: Sendable {
    let registry = Registry()
    let supervisor: Supervisor
    let journal = GeneratedJournal()
    let log = LogRecorder(maxRecords: 500)
    private let environment: RuntimeEnvironment
    private let task: Task<Void, any Error>

    /// The messages that have been published to each queue, and have not been seen to be there or handled since.
    private let published = Mutex<[EntryID: Set<UniqueID>]>([:])

    init(_ plan: Plan, on loops: EventLoopGroup) throws {
        environment = RuntimeEnvironment(
            executors: LoopExecutors(loops: loops), clock: SystemClock(), log: Log(to: log), metrics: Metrics())
        let graph = try GeneratedJournal.$current.withValue(journal) { [registry, environment] in
            try registry.begin(plan, in: environment)
        }
        supervisor = Supervisor(try #require(graph), environment: environment, shutdownTimeout: .seconds(5))
        task = GeneratedJournal.$current.withValue(journal) { [supervisor] in
            Task { try await supervisor.run() }
        }
    }

    func apply(_ plan: Plan) async throws -> PlanChange {
        try await GeneratedJournal.$current.withValue(journal) {
            try await registry.apply(plan, in: environment, by: supervisor)
        }
    }

    func stop() async throws {
        journal.letGo()
        supervisor.stop()
        try await task.value
    }
}

// Messages.
extension GeneratedSystem {
    private func queue(_ id: EntryID) -> (any MessageQueue)? { registry.link(to: id, as: .queue)?.target }

    private func publish(_ body: String, to id: EntryID) async throws -> UniqueID {
        let message = Message(body: .string(body))
        try await queue(id)?.publish(message)
        return message.id
    }

    private func expect(_ message: UniqueID, in queue: EntryID) {
        published.withLock { _ = $0[queue, default: []].insert(message) }
    }

    /// Publishes messages that must be there, or have been handled, whatever comes.
    func leaveMessages(_ count: Int, in id: EntryID) async throws {
        for _ in 0..<count { expect(try await publish("note", to: id), in: id) }
    }

    /// Takes what is in a queue that has no consumer, or waits until its consumers have taken it.
    ///
    /// - Returns: how many messages are lost that were published to it.
    func lostMessages(of id: EntryID, isConsumed: Bool) async throws -> Int {
        let expected = published.withLock { $0.removeValue(forKey: id) ?? [] }
        if isConsumed {
            try? await eventually { expected.isSubset(of: journal.handled) }
            return expected.subtracting(journal.handled).count
        }
        return expected.subtracting(try await takeAll(of: id)).subtracting(journal.handled).count
    }

    @discardableResult
    private func takeAll(of id: EntryID) async throws -> Set<UniqueID> {
        guard let queue = queue(id) else { return [] }
        var taken: Set<UniqueID> = []
        let subscription = try await queue.subscribe(prefetch: 1)
        while try await queue.count.ready > 0, let delivery = try await subscription.next() {
            taken.insert(delivery.message.id)
            try await subscription.settle(delivery, .acknowledged)
        }
        await subscription.close()
        return taken
    }
}

// What can be seen.
extension GeneratedSystem {
    /// Waits until nothing starts or stops.
    func settle() async throws {
        do {
            try await eventually("all services are settled") {
                supervisor.stage == .started && unsettled.isEmpty
            }
        } catch let error as NeverHappened {
            let services = unsettled.map { "\($0.key) is \($0.value)" }.sorted()
            throw Unsettled(
                description: """
                    \(error); the application is \(supervisor.stage), \(services), and its last lines are:
                    \(log.records.suffix(20).map { "\($0.entry ?? ""): \($0.message)" }.joined(separator: "\n"))
                    """)
        }
    }

    private struct Unsettled: Error, CustomStringConvertible {
        let description: String
    }

    /// The services that start or stop, or are about to.
    private var unsettled: [EntryID: ServiceState] {
        supervisor.states.filter { _, state in
            switch state {
            case .running, .stopped, .finished, .waiting, .exhausted, .abandoned: false
            case .starting, .failed, .stopping: true
            }
        }
    }

    /// What runs, what is linked and what answers, a line each.
    ///
    /// - Parameter paths: what is asked for beside the project's own routes.
    func lines(of project: GeneratedProject, paths: Set<String>) async throws -> [String] {
        try await settle()
        let states = supervisor.states.map { "\($0.key) is \($0.value)" }
        let held = registry.current.plan.entries.map { "\($0.id) is held" }
        var lines = (states + held).sorted() + (await journal.running())
        for entry in project.entries(.call) {
            let link = registry.link(to: entry.id, as: .function)
            let answer: String
            do { answer = "\(try await link?.target.call(.null) ?? "missing")" } catch { answer = "\(error)" }
            lines.append("\(entry.name): \(answer)")
        }
        for queue in project.entries(.queue) {
            let id = queue.id
            let lost = try await lostMessages(of: id, isConsumed: !consumers(of: queue, in: project).isEmpty)
            if lost > 0 { lines.append("\(lost) messages of \(id) are lost") }
        }
        lines += try await answers(of: project, paths.union(project.entries(.endpoint).map(project.path)))
        for queue in project.entries(.queue) { lines.append(try await line(about: queue, in: project)) }
        return lines
    }

    private func consumers(
        of queue: GeneratedProject.Entry, in project: GeneratedProject
    ) -> [GeneratedProject.Entry] {
        project.entries(.consumer).filter {
            $0.references["queue"] == queue.number && supervisor.states[$0.id] == .running
        }
    }

    /// What the servers answer.
    private func answers(of project: GeneratedProject, _ paths: Set<String>) async throws -> [String] {
        var lines: [String] = []
        for server in project.entries(.server) where supervisor.states[server.id] == .running {
            guard let port = port(of: server) else {
                lines.append("\(server.name) does not listen")
                continue
            }
            let found = try await onThread {
                try paths.sorted().flatMap { path in
                    try ["GET", "POST"].map { ("\($0) \(path)", try Self.answer($0, path, at: port)) }
                }
            }
            for (request, answer) in found {
                let headers = ["Access-Control-Allow-Origin", "Allow", "Vary"].compactMap { answer.field($0) }
                let published = answer.field("X-Published")
                lines.append(
                    "\(server.name): \(request): \(answer.status) \(answer.body) \(headers)"
                        + (published == nil ? "" : " published"))
                guard let published, let message = UniqueID(published) else { continue }
                guard let queue = Self.queue(behind: request, of: server, in: project) else {
                    lines.append("\(request) publishes to no queue")
                    continue
                }
                expect(message, in: queue.id)
            }
        }
        return lines
    }

    /// The queue that the function behind a route publishes to.
    private static func queue(
        behind request: String, of server: GeneratedProject.Entry, in project: GeneratedProject
    ) -> GeneratedProject.Entry? {
        let endpoint = project.entries(.endpoint).first {
            "\($0.values["method"] ?? "") \(project.path(of: $0))" == request
                && project.target(of: "router", of: $0)?.references["server"] == server.number
        }
        return endpoint.flatMap { project.target(of: "func", of: $0) }
            .flatMap { project.target(of: "queue", of: $0) }
    }

    private static func answer(_ method: String, _ path: String, at port: Int) throws -> TestClient.Response {
        let client = try TestClient(to: try SocketAddress(parsing: "127.0.0.1:\(port)"))
        let body = method == "POST" ? String(repeating: "x", count: 50) : ""
        try client.send(
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a.example\r\nConnection: close\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        var answer = try client.response() ?? TestClient.Response(status: 0)
        if answer.status == 500 { answer.body = "an internal error" }
        return answer
    }

    private func port(of server: GeneratedProject.Entry) -> Int? {
        log.records.last { $0.message == "listening" && $0.entry == "app:\(server.name)" }.flatMap { record in
            "\(record.metadata)".split { !$0.isNumber }.last.flatMap { Int($0) }
        }
    }

    /// How many messages a queue takes, or how its consumers treat them.
    private func line(about queue: GeneratedProject.Entry, in project: GeneratedProject) async throws -> String {
        let id = queue.id
        let consumers = consumers(of: queue, in: project)
        let lost = try await lostMessages(of: id, isConsumed: !consumers.isEmpty)
        let prefix = lost > 0 ? "\(id): \(lost) messages are lost" : "\(id):"
        guard !consumers.isEmpty else {
            var count = 0
            var reason = ""
            while count < 20 {
                do { _ = try await publish("note", to: id) } catch {
                    reason = "\(error)"
                    break
                }
                count += 1
            }
            try await takeAll(of: id)
            return "\(prefix) takes \(count) messages, then \(reason)"
        }
        let workers = consumers.map { Int($0.values["concurrency"] ?? "") ?? 0 }.reduce(0, +)
        // One consumer may hold some ahead of its workers that another's would take.
        try? await eventually(within: .seconds(10)) {
            if journal.holding.count < workers { _ = try? await publish("hold", to: id) }
            return journal.holding.count >= workers
        }
        let holding = journal.holding
        try await eventually("\(id) is empty") {
            journal.letGo()
            return try await count(of: id) == 0
        }
        return "\(prefix) \(holding) hold messages, \(try await deadLetter(of: queue, in: project))"
    }

    private func count(of id: EntryID) async throws -> Int {
        try await queue(id)?.count.total ?? 0
    }

    /// How often a message is tried that always fails; it must come to the queue for dead letters then.
    private func deadLetter(of queue: GeneratedProject.Entry, in project: GeneratedProject) async throws -> String {
        guard let dead = project.target(of: "dead", of: queue) else { return "none dies" }
        let id = queue.id
        let message = try await publish("fail \(id)", to: id)
        try await eventually("a message of \(id) dies") { try await count(of: id) == 0 }
        expect(message, in: dead.id)
        return "one dies after \(journal.attempts(of: message)) attempts"
    }
}
