import Synchronization
import Testing
import WippyCollections
import WippyTestTools

@testable import SQLiteGroups

/// Runs `body` with a database in a fresh folder, and closes it.
///
/// Nothing in it runs out of time, so that a busy machine changes nothing; a test that is about time sets a time-out.
func withDatabase(
    time: TimeSource = .system, _ configure: (inout SQLiteSettings) -> Void = { _ in },
    _ body: (SQLiteDatabase) async throws -> Void
) async throws {
    try await withFolder { folder in
        var settings = SQLiteSettings(path: folder + "/test.db")
        (settings.busyTimeout, settings.transactionIdleTimeout) = (.seconds(3600), .seconds(3600))
        configure(&settings)
        let database = try await SQLiteDatabase.open(settings, time: time)
        do {
            try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}

/// Runs `body` with the path of a fresh folder, and removes it.
func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    try await body(folder.path)
}

/// What `body` throws, which has to be an error of the database.
func databaseError(
    _ location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> SQLiteError? {
    do {
        try await body()
        Issue.record("nothing was thrown", sourceLocation: location)
    } catch let error as SQLiteError {
        return error
    } catch {
        Issue.record(error, sourceLocation: location)
    }
    return nil
}

extension TestClock {
    /// The clock as a database reads it.
    var source: TimeSource { TimeSource(now: { self.now.nanoseconds + 1 }, isReal: false) }

    func advance(by duration: Duration, waking database: SQLiteDatabase) {
        advance(by: duration)
        database.writer.monitor.withLock { _ in }
        database.writer.monitor.wakeAll()
    }
}

extension SQLiteDatabase {
    /// How many writes wait for their turn.
    var writesWaiting: Int { writer.monitor.withLock { $0.mailbox.waiting.count } }

    var commitCount: Int { writer.commits.load(ordering: .relaxed) }

    /// The first cell of a query's only row.
    func value(_ sql: String, _ arguments: [SQLiteValue] = []) async throws -> SQLiteValue? {
        try await query(sql, arguments).first?[0]
    }
}

/// A connection beside the database's own ones, as another process would have it.
func otherConnection(to path: String) throws -> SQLiteConnection {
    var settings = SQLiteSettings(path: path)
    settings.busyTimeout = .zero
    return try SQLiteConnection.writing(
        settings, interruption: Interruption(time: .system, halt: HaltFlag()))
}

/// A number that tasks and threads count up.
final class Counter: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .relaxed) }

    func increment() {
        number.add(1, ordering: .relaxed)
    }
}
