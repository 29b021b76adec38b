import Glibc
import Synchronization
import Testing
import WippyTestTools

@testable import SQLiteGroups

@Suite(.timeLimit(.minutes(15))) struct SQLiteTroubleTests {
    private let table = "CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)"
    private let insert = "INSERT INTO t (data) VALUES (?)"

    @Test("A file that another process holds is unavailable after the busy timeout, and then served again")
    func busy() async throws {
        try await withDatabase {
            $0.busyTimeout = .milliseconds(50)
        } _: { database async throws in
            _ = try await database.execute(table)
            let other = try otherConnection(to: database.settings.path)
            try other.begin()
            let calls = [
                { _ = try await database.execute(insert, [1]) },
                { _ = try await database.begin() },
                { try await database.executeScript("INSERT INTO t (data) VALUES (1)") },
                {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<10 {
                            group.addTask { _ = try await database.execute(insert, [1]) }
                        }
                        try await group.waitForAll()
                    }
                },
            ]
            for call in calls {
                let error = await databaseError { try await call() }
                #expect(error?.code == .busy)
                #expect(error?.kind == .unavailable)
            }
            #expect(try await database.value("SELECT count(*) FROM t") == 0)
            other.rollbackIfOpen()
            #expect(try await database.execute(insert, [1]).rowsAffected == 1)
        }
    }

    @Test("A write that finds the file held waits until it is free")
    func busyForAWhile() async throws {
        try await withDatabase {
            $0.busyTimeout = .seconds(60)
        } _: { database async throws in
            _ = try await database.execute(table)
            let other = try otherConnection(to: database.settings.path)
            try other.begin()
            _ = try other.execute("INSERT INTO t (data) VALUES ('other')")
            let task = Task { try await database.execute(insert, ["ours"]) }
            try await eventually("the write has begun") { database.writesWaiting == 0 }
            try other.commit()
            #expect(try await task.value.lastInsertRowID == 2)
        }
    }

    /// The calls that wait for another process, and have changed nothing yet.
    enum WaitingCall: CaseIterable {
        case statement, change, transaction, group
    }

    @Test(
        "A write that waits for another process ends when its task is cancelled, and changes nothing",
        arguments: WaitingCall.allCases)
    func cancelledWait(_ call: WaitingCall) async throws {
        try await withFolder { folder in
            var settings = SQLiteSettings(path: folder + "/test.db")
            settings.busyTimeout = .seconds(3600)
            let wakeUps = Mutex<[@Sendable () -> Void]>([])
            let database = try await SQLiteDatabase.open(settings) { wakeUp in wakeUps.withLock { $0.append(wakeUp) } }
            let other = try otherConnection(to: settings.path)
            try other.control(table)
            try other.begin()
            let tasks = (0..<(call == .group ? 3 : 1)).map { _ in
                Task {
                    switch call {
                    case .statement, .group: _ = try await database.execute(insert, [1])
                    case .change: try await database.change("\(insert) RETURNING id", [1]) { _ = try $0.next() }
                    case .transaction: try await database.begin().rollback()
                    }
                }
            }
            try await eventually("all of them wait for the thread") { database.writesWaiting == tasks.count }
            try await eventually("the thread has begun with them") {
                for wakeUp in wakeUps.withLock({ exchange(&$0, with: []) }) { wakeUp() }
                return database.writesWaiting == 0
            }
            for task in tasks { task.cancel() }
            for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
            try other.control("ROLLBACK")
            #expect(try other.control("SELECT count(*) FROM t") == 0)
            await database.close()
        }
    }

    @Test("An opening that waits for another process ends with a cancellation error when its task is cancelled")
    func cancelledOpening() async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            let other = try SQLiteConnection(
                path: path, flags: 6, maxStatements: 1, interruption: Interruption(time: .system, halt: HaltFlag()))
            try other.control("CREATE TABLE t (id INTEGER)")
            try other.control("BEGIN EXCLUSIVE")
            var settings = SQLiteSettings(path: path)
            settings.busyTimeout = .seconds(3600)
            let opening = Task { [settings] in try await SQLiteDatabase.open(settings) }
            opening.cancel()
            await #expect(throws: CancellationError.self) { try await opening.value }
            try other.control("ROLLBACK")
            let database = try await SQLiteDatabase.open(settings)
            #expect(try await database.value("SELECT count(*) FROM t") == 0)
            await database.close()
        }
    }

    @Test("A full database refuses what does not fit, and nothing else")
    func pageLimit() async throws {
        let limit = try #require(SQLitePragma(name: "max_page_count", value: "20"))
        try await withDatabase {
            $0.pragmas = [limit]
        } _: { database async throws in
            _ = try await database.execute(table)
            try await expectFull(database, large: .blob([UInt8](repeating: 1, count: 200_000)))
            _ = try await database.execute(insert, [.blob([UInt8](repeating: 1, count: 2000))])
        }
    }

    @Test("A full disk refuses what does not fit, and service resumes when there is room", .enabled(if: getuid() == 0))
    func fullDisk() async throws {
        try await withMount(options: "size=1m") { folder in
            let database = try await SQLiteDatabase.open(SQLiteSettings(path: folder + "/test.db"))
            _ = try await database.execute(table)
            let large = SQLiteValue.blob([UInt8](repeating: 1, count: 2_000_000))
            try await expectFull(database, large: large)
            try await mount(folder, options: "remount,size=20m")
            _ = try await database.execute(insert, [large])
            await database.close()
        }
    }

    /// Many small writes with large ones between them: the large ones fail, each small one is kept.
    private func expectFull(_ database: SQLiteDatabase, large: SQLiteValue) async throws {
        let transaction = try await database.begin()
        let tasks = (0..<12).map { index in
            Task { try await database.execute(insert, [index % 4 == 2 ? large : "small"]) }
        }
        try await eventually("all wait") { database.writesWaiting == 12 }
        try await transaction.rollback()
        for (index, task) in tasks.enumerated() {
            switch await task.result {
            case .success(let changes):
                #expect(index % 4 != 2 && changes.rowsAffected == 1)
            case .failure(let error):
                #expect(index % 4 == 2)
                #expect((error as? SQLiteError)?.kind == .unavailable)
            }
        }
        #expect(try await database.value("SELECT count(*) FROM t") == 9)
    }

    @Test("A read-only file is refused when the database is opened")
    func readOnlyFile() async throws {
        try await withReadOnlyFolder { folder in
            let error = await databaseError {
                _ = try await SQLiteDatabase.open(SQLiteSettings(path: folder + "/test.db"))
            }
            #expect(error?.kind == .permissionDenied)
            let missing = await databaseError {
                _ = try await SQLiteDatabase.open(SQLiteSettings(path: folder + "/new/test.db"))
            }
            #expect(missing?.kind == .permissionDenied)
        }
    }

    /// Runs `body` with a folder that nobody may write, and `test.db` in it.
    private func withReadOnlyFolder(_ body: (String) async throws -> Void) async throws {
        func makeDatabase(in folder: String) async throws {
            let database = try await SQLiteDatabase.open(SQLiteSettings(path: folder + "/test.db"))
            _ = try await database.execute(table)
            await database.close()
        }
        if getuid() == 0 {
            // Permissions do not concern the superuser, a file system does.
            try await withMount(options: "size=1m") { folder in
                try await makeDatabase(in: folder)
                try await mount(folder, options: "remount,ro")
                try await body(folder)
            }
        } else {
            try await withFolder { folder in
                try await makeDatabase(in: folder)
                chmod(folder + "/test.db", 0o444)
                chmod(folder, 0o555)
                defer { chmod(folder, 0o755) }
                try await body(folder)
            }
        }
    }

    @Test("A file that was removed is not written to any more, until it is back")
    func movedFile() async throws {
        try await withDatabase { database async throws in
            let path = database.settings.path
            _ = try await database.execute(table)
            #expect(rename(path, path + ".away") == 0)
            for call in [{ _ = try await database.execute(insert, [1]) }, { _ = try await database.begin() }] {
                let error = await databaseError { try await call() }
                #expect(error?.kind == .unavailable)
            }
            #expect(rename(path + ".away", path) == 0)
            #expect(try await database.execute(insert, [1]).rowsAffected == 1)
        }
    }

    @Test("A file that is no database is refused")
    func notADatabase() async throws {
        try await withFolder { folder in
            let path = folder + "/text.db"
            let file = try #require(fopen(path, "w"))
            fputs(String(repeating: "this is no database ", count: 100), file)
            fclose(file)
            let error = await databaseError { _ = try await SQLiteDatabase.open(SQLiteSettings(path: path)) }
            #expect(error?.kind == .internal)
            #expect(error?.code == .notADatabase)
        }
    }

    private func withMount(options: String, _ body: (String) async throws -> Void) async throws {
        try await withFolder { folder in
            try await run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder])
            do {
                try await body(folder)
            } catch {
                try await run(["umount", folder])
                throw error
            }
            try await run(["umount", folder])
        }
    }

    private func mount(_ folder: String, options: String) async throws {
        try await run(["mount", "-o", options, folder])
    }

    private func run(_ command: [String]) async throws {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer {
            for argument in arguments { free(argument) }
        }
        var process: pid_t = 0
        try #require(posix_spawnp(&process, command[0], nil, nil, &arguments, environ) == 0)
        var status: CInt = -1
        try #require(waitpid(process, &status, 0) == process)
        try #require(status == 0, "\(command)")
    }
}
