import CWippySQLite
import Glibc

/// The first bytes of a database file.
///
/// Source: https://sqlite.org/fileformat.html#the_database_header.
struct SQLiteFileHeader {
    /// The number of bytes that SQLite reads before it accepts a file.
    static let length = 24

    private let bytes: [UInt8]

    /// Creates a header from the first ``length`` bytes of a file.
    ///
    /// The bytes after the end of a shorter file count as 0.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// True if SQLite takes a file with these bytes for a database.
    var isOfDatabase: Bool {
        bytes.starts(with: Array("SQLite format 3\0".utf8)) && isPageSize(Int(bytes[16]) << 8 | Int(bytes[17]) << 16)
            && bytes[19] <= 2 && bytes[21...23].elementsEqual([64, 32, 32])
    }

    /// The page size has the bytes 16 and 17, of which the second counts 65,536 bytes.
    private func isPageSize(_ size: Int) -> Bool { (512...65_536).contains(size) && size & (size - 1) == 0 }
}

extension SQLiteDatabase {
    /// Looks for an error that ``open(_:wakingUp:)`` would throw: the file is not a database, or the process may not
    /// read, write or create it.
    ///
    /// The call creates nothing and locks nothing.
    ///
    /// - Returns: the error; nil if the call finds none.
    public static func problem(withFileOf settings: SQLiteSettings) -> SQLiteError? {
        var information = stat()
        guard !settings.isInMemory else { return nil }
        guard stat(settings.path, &information) == 0 else { return SQLiteConnection.obstacle(toCreating: settings) }
        guard information.st_mode & S_IFMT == S_IFREG else { return nil }
        do throws(SQLiteError) {
            let connection = try SQLiteConnection.opened(
                settings, creates: false, interruption: Interruption(time: .system, halt: HaltFlag()))
            let isOfDatabase = information.st_size == 0 || connection.fileHeader?.isOfDatabase != false
            return isOfDatabase ? nil : SQLiteError(.notADatabase)
        } catch {
            return error.isRetryable ? nil : error
        }
    }

    /// Returns the whole number that a query reads from a database's file: the first cell of its first row.
    ///
    /// It is nil if there is no such number, if there is no file, or if the file cannot be read. The call creates
    /// nothing, locks nothing and waits for nothing. So it reads only what the last checkpoint has moved into the file,
    /// and not the write-ahead log beside it.
    ///
    /// - Parameters:
    ///   - query: a `SELECT` that you trust, without arguments.
    ///   - settings: the file.
    public static func integer(_ query: String, inFileOf settings: SQLiteSettings) -> Int? {
        guard settings.hasFile else { return nil }
        let connection = try? SQLiteConnection(
            path: settings.immutableURI, flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, maxStatements: 1,
            interruption: Interruption(time: .system, halt: HaltFlag()))
        guard case .integer(let number)? = try? connection?.control(query) else { return nil }
        return Int(number)
    }

    /// Returns the number of pages of an empty database after a script has run in it.
    ///
    /// The script runs in a database in memory that has the default settings. The call blocks the calling thread.
    ///
    /// - Parameter script: statements that you trust, without arguments.
    /// - Throws: the `SQLiteError` of the script.
    public static func pages(after script: String) throws(SQLiteError) -> Int {
        let connection = try SQLiteConnection.writing(
            SQLiteSettings(path: SQLiteSettings.memoryPath),
            interruption: Interruption(time: .system, halt: HaltFlag()))
        try connection.executeScript(script)
        guard case .integer(let number) = try connection.control("PRAGMA page_count") else { return 0 }
        return Int(number)
    }
}

extension SQLiteSettings {
    /// The path as a URI that tells SQLite that nobody changes the file, so that it reads the file without locks.
    fileprivate var immutableURI: String {
        let escaped = literalPath.utf8.map { byte in
            let isPlain = byte > 0x20 && byte < 0x7F && !"%?#".utf8.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        }
        return "file:\(escaped.joined())?immutable=1"
    }
}

extension SQLiteSettings {
    /// True if the database's file exists and has content.
    public var hasFile: Bool {
        var information = stat()
        return !isInMemory && stat(path, &information) == 0 && information.st_size > 0
    }
}
