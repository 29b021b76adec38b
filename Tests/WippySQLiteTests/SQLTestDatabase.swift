import SQLiteGroups
import Synchronization
import Testing
import WippyDefinition
import WippyLog
import WippyRuntime
import WippySQL
import WippyTesting

@testable import WippySQLite

extension SQLiteService {
    convenience init(path: String, _ change: (inout SQLiteSettings) -> Void = { _ in }) {
        var settings = SQLiteSettings(path: path)
        // Nobody runs out of time, so that a busy machine changes nothing; a test that is about time sets a time-out.
        (settings.busyTimeout, settings.transactionIdleTimeout) = (.seconds(3600), .seconds(3600))
        change(&settings)
        self.init(
            id: EntryID(namespace: "app", name: "db"), settings: settings, executors: SharedPoolExecutors(),
            log: .silent)
    }

    /// Runs the service until `body` has ended.
    @discardableResult
    func running<Result: Sendable>(_ body: @Sendable (Database) async throws -> Result) async throws -> Result {
        let stop = StopSignal()
        let (readiness, continuation) = AsyncStream<Void>.makeStream()
        async let run: Void = {
            defer { continuation.finish() }
            try await self.run(ready: { continuation.yield() }, stop: stop)
        }()
        var isReady = false
        for await _ in readiness {
            isReady = true
            break
        }
        guard isReady else {
            try await run
            throw ServiceFailure("the service ended before it was ready")
        }
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try await body(Database(link: Link(self))))
        } catch {
            outcome = .failure(error)
        }
        stop.fire()
        try await run
        return try outcome.get()
    }
}

/// Runs `body` on a new database in a file of a fresh folder.
@discardableResult
func withDatabase<Result: Sendable>(
    _ change: (inout SQLiteSettings) -> Void = { _ in },
    _ body: @Sendable (Database) async throws -> Result
) async throws -> Result {
    let folder = try TemporaryFolder()
    return try await SQLiteService(path: folder.file("test.db"), change).running(body)
}

/// The error of the runtime that `body` throws.
func wippyError(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> WippyError? {
    do {
        try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as WippyError {
        return error
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
    return nil
}

let createTasks: SQL = """
    CREATE TABLE tasks (
        id TEXT PRIMARY KEY,
        payload TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'pending',
        result TEXT,
        created_at INTEGER NOT NULL,
        processed_at INTEGER
    )
    """
