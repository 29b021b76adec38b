import Glibc
import Testing
import WippyTestTools

@testable import SQLiteGroups

/// What the process may not read, write or create.
@Suite("Permissions of a database's file")
struct FilePermissionTests {
    /// A file and the modes of the file and its folder; a mode of nil for a file that is missing.
    struct Case: CustomTestStringConvertible {
        let name: String
        var file: mode_t?
        let folder: mode_t
        var path = "a.db"
        let isRefused: Bool

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "a file that may be written", file: 0o600, folder: 0o700, isRefused: false),
        Case(name: "a file that may only be read", file: 0o400, folder: 0o700, isRefused: true),
        Case(name: "a file that may not be read", file: 0o000, folder: 0o700, isRefused: true),
        Case(name: "a file in a folder that may not be written", file: 0o600, folder: 0o500, isRefused: true),
        Case(name: "a file in a folder that may not be entered", file: 0o600, folder: 0o000, isRefused: true),
        Case(name: "a new file", folder: 0o700, isRefused: false),
        Case(name: "a new file in a folder that may not be written", folder: 0o500, isRefused: true),
        Case(name: "a new file in new folders", folder: 0o700, path: "b/c/a.db", isRefused: false),
        Case(name: "new folders in one that may not be written", folder: 0o500, path: "b/c/a.db", isRefused: true),
    ]

    @Test("They are the same error before the database is opened as when it is opened", arguments: cases)
    func sameError(for example: Case) async throws {
        try await withFolder { outer in
            let folder = outer + "/folder"
            #expect(mkdir(folder, 0o700) == 0)
            let settings = SQLiteSettings(path: "\(folder)/\(example.path)")
            if let mode = example.file {
                await (try SQLiteDatabase.open(settings)).close()
                #expect(chmod(settings.path, mode) == 0)
            }
            #expect(chmod(folder, example.folder) == 0)
            defer { chmod(folder, 0o700) }
            let (before, atOpening) = withoutPowers {
                (SQLiteDatabase.problem(withFileOf: settings), openingError(settings))
            }
            #expect((before != nil) == example.isRefused)
            #expect(before?.message == atOpening?.message)
            #expect(before?.isRetryable != true)
        }
    }

    @Test("A file that is in use stays so while its permissions are examined")
    func inUse() async throws {
        try await withDatabase { database in
            _ = try await database.execute("CREATE TABLE a (b)")
            #expect(SQLiteDatabase.problem(withFileOf: database.settings) == nil)
            _ = try await database.execute("INSERT INTO a VALUES (1)")
            #expect(try await database.value("SELECT b FROM a") == .integer(1))
        }
    }

    private func openingError(_ settings: SQLiteSettings) -> SQLiteError? {
        do throws(SQLiteError) {
            _ = try SQLiteConnection.writing(settings, interruption: Interruption(time: .system, halt: HaltFlag()))
            return nil
        } catch {
            return error
        }
    }
}

/// Runs `body` on this thread without the right to pass over the permissions of files, which root has.
///
/// Linux keeps such rights for each thread.
private func withoutPowers<Result>(_ body: () -> Result) -> Result {
    typealias Call = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> CInt
    func call(_ name: String) -> Call { unsafeBitCast(dlsym(nil, name), to: Call.self) }
    // The third version of the call's header, for this thread, and two times three sets of 32 rights.
    var header: [UInt32] = [0x2008_0522, 0]
    var rights = [UInt32](repeating: 0, count: 6)
    #expect(call("capget")(&header, &rights) == 0)
    var fewer = rights
    // CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
    fewer[0] &= ~0b110
    #expect(call("capset")(&header, &fewer) == 0)
    defer { #expect(call("capset")(&header, &rights) == 0) }
    return body()
}
