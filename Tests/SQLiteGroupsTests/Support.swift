import Glibc
import Synchronization
import Testing

@testable import SQLiteGroups

/// Runs `body` with a database in a fresh folder, and closes it.
func withDatabase(
    time: TimeSource = .system, _ configure: (inout SQLiteSettings) -> Void = { _ in },
    _ body: (SQLiteDatabase) async throws -> Void
) async throws {
    try await withFolder { folder in
        var settings = SQLiteSettings(path: folder + "/test.db")
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
    var template = Array("/tmp/sqlite-tests-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { removeTree(folder) }
    try await body(folder)
}

private func removeTree(_ path: String) {
    if let folder = opendir(path) {
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { removeTree(path + "/" + name) }
        }
        closedir(folder)
    }
    _ = remove(path)
}

/// Waits until `condition` holds, or records an issue after half a minute.
func eventually(_ comment: Comment, _ condition: () async throws -> Bool) async throws {
    let limit = ContinuousClock.now + .seconds(30)
    while try await !condition() {
        guard ContinuousClock.now < limit else {
            Issue.record("never happened: \(comment)")
            return
        }
        await Task.yield()
    }
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

/// A clock that moves by hand.
final class ManualTime: Sendable {
    private let nanoseconds = Atomic<UInt64>(1)

    var source: TimeSource { TimeSource(now: { self.nanoseconds.load(ordering: .relaxed) }, isReal: false) }

    func advance(by duration: Duration, waking database: SQLiteDatabase) {
        nanoseconds.add(duration.nanoseconds, ordering: .relaxed)
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
