public import Wippy
import WippyTestTools

/// Runs an application in a test, while a closure runs.
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
/// Servers listen on ports that the system chooses, and databases in files get new files. This lets several tests run
/// at once. The new files are removed afterwards. `overrides` take precedence over these ports and files.
///
/// When the closure ends, the application stops.
public final class TestApplication: Sendable {
    /// The application's clock.
    ///
    /// Advance it to make retries and restarts due.
    public let clock: AdvanceableClock

    /// The application's log, with the records of every level: `app.log.records`, `app.log.messages`.
    public let log: LogRecorder

    /// The application's counters, timers and gauges.
    public var metrics: Metrics { application.metrics }

    /// The application's registry.
    public var registry: Registry { application.registry }

    let application: Application
    let usesSockets: Bool
    private let supervisor: Supervisor
    private let task: Task<Void, any Error>
    private let journal: QueueJournal
    private let shutdownTimeout: Duration
    /// The folder of the database files.
    private let folder: TemporaryFolder

    /// Starts an application, and calls `body` when every required service is ready.
    ///
    /// - Parameters:
    ///   - project: the application's project. Default: the project in the nearest folder above the test's file.
    ///   - handlers: the Swift handlers that entries can name.
    ///   - named: further handlers, by names that you choose. Default: none.
    ///   - kinds: the kinds that entries can have. Default: the standard kinds.
    ///   - overrides: values of fields by `namespace:entry:path`, as with `-o`. Default: none.
    ///   - usesSockets: true if calls such as ``get(_:fields:on:)`` go over a socket, as a client's requests do. If
    ///     false, they go straight to the server's routes. Then the server's own timeouts, limits and framing are not
    ///     tested. Default: true.
    ///   - filePath: the test's file. Default: the file of the call.
    ///   - body: the test.
    /// - Throws: the error of `body`; `InvalidProject` when the project has errors, with a description in the form of
    ///   `lint`; ``TestFailure`` when the search for the folder of `project` finds none; the error with which the
    ///   application ended; `CancellationError` when the task is cancelled before the services are ready.
    @discardableResult
    public init(
        project: TestProject = .nearest, handlers: [any Handler.Type],
        named: KeyValuePairs<String, any Handler.Type> = [:], kinds: [any ProgramPart] = .standard,
        overrides: KeyValuePairs<String, String> = [:], usesSockets: Bool = true, filePath: String = #filePath,
        _ body: (TestApplication) async throws -> Void
    ) async throws {
        folder = try TemporaryFolder()
        let path = try project.path(seenFrom: filePath, orIn: folder)
        let journal = QueueJournal()
        let log = LogRecorder()
        let own = overrides.map { Self.override($0.key, $0.value) }
        var application = Application(
            project: path, handlers: handlers, named: named, kinds: [journal.part] + kinds,
            log: Log(to: log, level: .trace))
        application.settings.overrides = own
        let checked = application.read()
        try checked.throwIfInvalid()
        application.settings.overrides = Self.overrides(of: checked.plan, kinds: application.kinds, in: folder) + own

        (clock, self.journal, self.log, self.usesSockets) = (AdvanceableClock(), journal, log, usesSockets)
        shutdownTimeout = checked.project.settings.shutdownTimeout
        application.instruments.clock = clock
        self.application = application
        (task, supervisor) = try await application.start()
        do {
            try await body(self)
        } catch {
            try? await stop()
            throw error
        }
        try await stop()
    }

    /// Stops the application.
    ///
    /// If the application waits only for a time to come, the clock is advanced to that time.
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

// The overrides of a project in a test.
extension TestApplication {
    /// Returns an override in the form of the option `-o`.
    ///
    /// It is quoted, because its value may contain a comma.
    private static func override(_ key: String, _ value: String) -> String {
        let doubled = "\(key)=\(value)".unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }
        return "\"\(doubled.joined())\""
    }

    private static func overrides(of plan: Plan, kinds: KindCatalog, in folder: TemporaryFolder) -> [String] {
        let databases = plan.databaseCopies(in: folder.path).map { override("\($0.id):\($0.field)", $0.path) }
        return databases + plan.overridesOfServerAddresses(in: kinds)
    }
}

// Queues.
extension TestApplication {
    /// Returns the messages that a queue has accepted since the start, in order.
    ///
    /// They include dead letters from other queues.
    ///
    /// - Parameter queue: the queue's full id.
    /// - Throws: ``TestFailure`` when no entry has this id, or when the entry is not a queue.
    public func published(_ queue: String) throws -> [Message] {
        let id = try id(of: queue)
        _ = try link(to: id, as: .queue)
        return journal.accepted(by: id)
    }

    /// Waits until no message is ready or claimed in any queue that has a consumer.
    ///
    /// A consumer that is stopped does not count. Neither do delayed messages: to make them due, advance ``clock``.
    ///
    /// - Parameter limit: the longest time to wait. Default: 60 s.
    /// - Throws: ``TestFailure`` when the limit is reached, with the number of messages in each queue that is not
    ///   settled, or when the application has ended; `CancellationError` when the task is cancelled; the error of a
    ///   queue's driver.
    public func settled(within limit: Duration = .seconds(60)) async throws {
        let end = ContinuousClock.now + limit
        while true {
            try checkIsRunning()
            // A queue may have accepted a message from a queue that was checked earlier.
            let accepted = journal.acceptedCount
            let busy = try await busyQueues()
            if busy.isEmpty, accepted == journal.acceptedCount { return }
            guard ContinuousClock.now < end else {
                throw TestFailure(
                    "the queues are not settled after \(limit): \(busy.joined(separator: "; "))"
                        + " (a handler that waits for the clock needs 'clock.advance(by:)')")
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Describes each queue with a consumer that holds ready or claimed messages.
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

// Entries.
extension TestApplication {
    /// Returns a queue: you can publish messages to it, and count its messages.
    ///
    /// - Parameter id: the queue's full id.
    /// - Throws: ``TestFailure`` when no entry has this id, or when the entry is not a queue.
    public func queue(_ id: String) throws -> Queue { Queue(link: try link(to: self.id(of: id), as: .queue)) }

    /// Returns a database, which you can read and change.
    ///
    /// - Parameter id: the database's full id.
    /// - Throws: ``TestFailure`` when no entry has this id, or when the entry is not a database.
    public func database(_ id: String) throws -> Database {
        Database(link: try link(to: self.id(of: id), as: .database))
    }

    /// Returns a function, which you can call.
    ///
    /// - Parameter id: the function's full id.
    /// - Throws: ``TestFailure`` when no entry has this id, or when the entry is not a function.
    public func function(_ id: String) throws -> LinkedFunction {
        LinkedFunction(link: try link(to: self.id(of: id), as: .function))
    }

    /// Returns the state of an entry's service; nil if the entry has no service, or if there is no such entry.
    ///
    /// - Parameter id: the entry's full id.
    /// - Throws: ``TestFailure`` when the id is not valid.
    public func state(of id: String) throws -> ServiceState? { supervisor.states[try self.id(of: id)] }

    func checkIsRunning() throws {
        guard supervisor.stage == .started else {
            let reason = log.records.last { $0.level >= .error }.map { ": \($0.message)" } ?? ""
            throw TestFailure("the application no longer runs\(reason)")
        }
    }

    func id(of text: String) throws -> EntryID {
        guard let id = EntryID(text) else {
            throw TestFailure("'\(text)' is not a full id, such as 'app:\(text)'")
        }
        return id
    }

    func link<Offered: Sendable>(to id: EntryID, as contract: Contract<Offered>) throws -> Link<Offered> {
        if let link = application.registry.link(to: id, as: contract) { return link }
        let entries = application.registry.current.plan.entries
        if let entry = entries.first(where: { $0.id == id }) {
            throw TestFailure("'\(id)' has the kind \(entry.kind), which is not \(contract.words)")
        }
        var names = EntrySpelling(entries.map(\.id))
        throw TestFailure("there is no entry '\(id)'\(Spelling.suggestion(names.nearest(to: id)))")
    }
}
