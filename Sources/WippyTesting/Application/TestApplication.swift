public import Wippy

/// An application that runs in a test, while a closure runs.
///
/// ```swift
/// @Test func storesATask() async throws {
///     try await TestApplication(handlers: TaskQueue.handlers) { app in
///         let answer = try await app.post("/tasks", json: ["action": "sum"])
///         #expect(answer.status == 202)
///         try await app.settled()
///         #expect(try await app.get("/tasks").json()["count"] == 1)
///     }
/// }
/// ```
///
/// It runs the project as it is, with two differences that let many tests run at once. Servers listen on a port of this
/// machine that the system chooses. Each database file is a new one, in a folder that is removed afterwards; a database
/// in memory stays one. `overrides` take precedence over both.
///
/// When the closure ends, the application stops: it handles what its queues hold, for a second at most, and messages
/// that wait for a retry are due at once.
public final class TestApplication: Sendable {
    /// The application's clock.
    ///
    /// Advance it to make retries and restarts due.
    public let clock: AdvanceableClock

    /// The log of the application, with every level: `app.log.records`, `app.log.messages`.
    public let log: LogRecorder

    /// Counters and timers.
    public var metrics: Metrics { application.metrics }

    let application: Application
    let usesSockets: Bool
    private let supervisor: Supervisor
    private let task: Task<Void, any Error>
    private let journal: QueueJournal
    private let shutdownTimeout: Duration
    /// Holds the database files.
    private let folder: TemporaryFolder

    /// Starts a project, calls `body` when every required service is ready, and stops the project.
    ///
    /// - Parameters:
    ///   - project: where the project is; by default the nearest project folder above the test's file.
    ///   - handlers: the Swift handlers that entries can name.
    ///   - named: handlers under other names than their own.
    ///   - kinds: the kinds that entries can have.
    ///   - overrides: values of fields by `namespace:entry:path`, as with `-o`.
    ///   - usesSockets: whether calls such as ``get(_:fields:on:)`` go over a socket, as a client's do. If not, they go
    ///     straight to the server's router, and the server's own timeouts, limits and framing are not tested.
    ///   - filePath: the test's file.
    ///   - body: the test.
    /// - Throws: what `body` throws; `InvalidProject`, whose description is what `lint` prints; the error with which
    ///   the application ended.
    @discardableResult
    public init(
        project: TestProject = .nearest, handlers: [any Handler.Type],
        named: KeyValuePairs<String, any Handler.Type> = [:], kinds: [any EntryKind] = .standard,
        overrides: KeyValuePairs<String, String> = [:], usesSockets: Bool = true, filePath: String = #filePath,
        _ body: (TestApplication) async throws -> Void
    ) async throws {
        folder = try TemporaryFolder()
        let path = try project.path(seenFrom: filePath, orIn: folder)
        let journal = QueueJournal()
        let log = LogRecorder()
        func application(_ settings: Application.Settings) -> Application {
            Application(
                project: path, handlers: handlers, named: named, kinds: journal.kinds(of: kinds), settings: settings,
                log: Log(to: log, level: .trace))
        }
        let own = overrides.map { Self.override($0.key, $0.value) }
        var settings = Application.Settings()
        settings.overrides = own
        let checked = application(settings).read()
        try checked.throwIfInvalid()
        settings.overrides = Self.overrides(of: checked.plan, kinds: kinds, in: folder) + own

        (clock, self.journal, self.log, self.usesSockets) = (AdvanceableClock(), journal, log, usesSockets)
        shutdownTimeout = checked.project.settings.shutdownTimeout
        var instrumented = application(settings)
        instrumented.instruments.clock = clock
        self.application = instrumented
        (task, supervisor) = try await instrumented.start()
        do {
            try await body(self)
        } catch {
            try? await stop()
            throw error
        }
        try await stop()
    }

    /// Stops the application as always, but lets time fly where a queue's end waits for nothing else.
    private func stop() async throws {
        task.cancel()
        let end = clock.now + shutdownTimeout / 2
        let haste = Task {
            let patience = ContinuousClock.now + .seconds(1)
            while !Task.isCancelled {
                if journal.hasDrains, let next = clock.deadlines.first {
                    let isIdle = (try? await busyQueues()) == []
                    let isDue = isIdle ? next < end : ContinuousClock.now > patience
                    if isDue { clock.advance(by: next - clock.now) }
                }
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        defer { haste.cancel() }
        try await task.value
    }
}

// What a project is told in a test.
extension TestApplication {
    /// An override as an option writes it; quoted, since its value may hold a comma.
    private static func override(_ key: String, _ value: String) -> String {
        let doubled = "\(key)=\(value)".unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }
        return "\"\(doubled.joined())\""
    }

    private static func overrides(of plan: Plan, kinds: [any EntryKind], in folder: TemporaryFolder) -> [String] {
        var files: [ExactText: String] = [:]
        var overrides: [String] = []
        let manual = KindCatalog(kinds).manual
        for entry in plan.entries {
            if let config = entry.config as? any SQLFileConfig, let file = config.file.map({ ExactText($0) }) {
                let own = files[file] ?? folder.file("database-\(files.count + 1).db")
                files[file] = own
                overrides.append(override("\(entry.id):\(type(of: config).fileField)", own))
            }
            if let config = entry.config as? any HTTPServerConfig {
                let field = type(of: config).addressField
                let kind = manual.first { $0.name == entry.kind.description }
                guard kind?.fields.contains(where: { $0.path == field }) == true else { continue }
                overrides.append(override("\(entry.id):\(field)", "127.0.0.1:0"))
            }
        }
        return overrides
    }
}

// Queues.
extension TestApplication {
    /// The messages that a queue has accepted since the start, in order, including dead letters from other queues.
    ///
    /// - Parameter queue: its full id.
    public func published(_ queue: String) throws -> [Message] {
        let id = try id(of: queue)
        _ = try link(to: id, as: .queue)
        return journal.accepted(by: id)
    }

    /// Waits until no queue with a consumer has a message that is ready or with a worker.
    ///
    /// Messages that wait for a retry stay in their queue until you advance ``clock``.
    ///
    /// - Parameter limit: how long to wait at most.
    /// - Throws: ``TestFailure`` when the limit is reached, with the messages that each queue holds.
    public func settled(within limit: Duration = .seconds(60)) async throws {
        let end = ContinuousClock.now + limit
        while true {
            try checkIsRunning()
            // Nothing that one queue has accepted may have come from another that was looked at before.
            let accepted = journal.acceptedCount
            let busy = try await busyQueues()
            if busy.isEmpty, accepted == journal.acceptedCount { return }
            guard ContinuousClock.now < end else {
                throw TestFailure(
                    "the queues are not settled after \(limit): \(busy.joined(separator: "; "))"
                        + " (a handler that waits by the clock needs 'clock.advance(by:)')")
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// What each queue with a consumer holds that a consumer is to handle, in words.
    private func busyQueues() async throws -> [String] {
        let states = supervisor.states
        let queues = Set(
            application.registry.current.plan.entries.filter { states[$0.id] != .stopped }
                .flatMap(\.references).filter { $0.meaning == .consumes }.map(\.entry))
        var busy: [String] = []
        for id in queues.sorted() {
            let count = try await link(to: id, as: .queue).target.count
            guard count.ready + count.claimed > 0 else { continue }
            busy.append("\(id) holds \(count.ready) ready, \(count.claimed) claimed, \(count.delayed) delayed")
        }
        return busy
    }
}

// The entries.
extension TestApplication {
    /// A queue, to publish to and to count.
    ///
    /// - Parameter id: its full id.
    public func queue(_ id: String) throws -> Queue { Queue(link: try link(to: self.id(of: id), as: .queue)) }

    /// A database, to read and to write.
    ///
    /// - Parameter id: its full id.
    public func database(_ id: String) throws -> Database {
        Database(link: try link(to: self.id(of: id), as: .database))
    }

    /// A function, to call.
    ///
    /// - Parameter id: its full id.
    public func function(_ id: String) throws -> RemoteFunction {
        RemoteFunction(link: try link(to: self.id(of: id), as: .function))
    }

    /// The state of an entry's service; nil if the entry has none.
    ///
    /// - Parameter id: its full id.
    public func state(of id: String) throws -> ServiceState? { supervisor.states[try self.id(of: id)] }

    func checkIsRunning() throws {
        guard supervisor.stage == .started else {
            let reason = log.records.last { $0.level >= .error }.map { ": \($0.message)" } ?? ""
            throw TestFailure("the application no longer runs\(reason)")
        }
    }

    func id(of text: String) throws -> EntryID {
        guard text.unicodeScalars.contains(":"), let id = EntryID(text, relativeTo: "") else {
            throw TestFailure("'\(text)' is not a full id such as 'app:\(text)' is")
        }
        return id
    }

    func link<Offered: Sendable>(to id: EntryID, as contract: Contract<Offered>) throws -> Link<Offered> {
        if let link = application.registry.link(to: id, as: contract) { return link }
        let entries = application.registry.current.plan.entries
        if let entry = entries.first(where: { $0.id == id }) {
            throw TestFailure("'\(id)' is a \(entry.kind), which is not \(contract.words)")
        }
        var names = EntrySpelling(entries.map(\.id))
        throw TestFailure("'\(id)' is not declared\(Spelling.suggestion(names.nearest(to: id)))")
    }
}
