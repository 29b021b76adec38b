import Glibc
import SQLiteGroups
import Synchronization
import Testing
import WippyDefinition
import WippyLog
import WippyRuntime
import WippySQL

@testable import WippySQLite

/// A fresh folder that is removed at the end.
final class SQLTestFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/wippy-sql-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        removeTree(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        let file = try #require(fopen(self.file(name), "w"))
        fputs(text, file)
        fclose(file)
    }
}

private func removeTree(_ path: String) {
    if let folder = opendir(path) {
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { removeTree("\(path)/\(name)") }
        }
        closedir(folder)
    }
    remove(path)
}

extension SQLiteService {
    convenience init(path: String, _ change: (inout SQLiteSettings) -> Void = { _ in }) {
        var settings = SQLiteSettings(path: path)
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
    let folder = try SQLTestFolder()
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
