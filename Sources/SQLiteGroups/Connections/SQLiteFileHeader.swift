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
    /// Returns the error of ``open(_:wakingUp:)`` for a file that is not a database; nil for any other file, and if
    /// there is no file.
    ///
    /// The call creates nothing and locks nothing.
    public static func problem(withFileOf settings: SQLiteSettings) -> SQLiteError? {
        var information = stat()
        guard !settings.isInMemory, stat(settings.path, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
            information.st_size > 0,
            let connection = try? SQLiteConnection(
                path: settings.literalPath, flags: SQLITE_OPEN_READONLY, maxStatements: 1,
                interruption: Interruption(time: .system, halt: HaltFlag())),
            let header = connection.fileHeader, !header.isOfDatabase
        else { return nil }
        return SQLiteError(.notADatabase)
    }
}

extension SQLiteSettings {
    /// True if the database's file exists and has content.
    public var hasFile: Bool {
        var information = stat()
        return !isInMemory && stat(path, &information) == 0 && information.st_size > 0
    }
}
