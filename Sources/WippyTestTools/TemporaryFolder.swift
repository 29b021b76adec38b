import FoundationEssentials

/// A new folder for one test.
///
/// The folder and everything in it are removed when nothing refers to this object any more.
public final class TemporaryFolder: Sendable {
    /// The folder's full path.
    public let path: String

    /// Creates the folder.
    ///
    /// - Throws: an error when the folder cannot be created.
    public init() throws {
        path = FileManager.default.temporaryDirectory.path + "/wippy-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Returns the full path of a file in this folder.
    ///
    /// The file need not exist.
    ///
    /// - Parameter name: the file's path in this folder.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a text into a file, and creates the folders above it.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - name: the file's path in this folder.
    public func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    /// Writes bytes into a file, and creates the folders above it.
    public func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: prepared(name)))
    }

    /// Reads the text of a file.
    ///
    /// - Parameter name: the file's path in this folder.
    /// - Throws: an error when the file cannot be read.
    public func text(of name: String) throws -> String {
        try String(contentsOf: URL(filePath: file(name)), encoding: .utf8)
    }

    /// Creates a symbolic link, and the folders above it.
    ///
    /// - Parameters:
    ///   - name: the link's path in this folder.
    ///   - destination: the path to which the link leads, absolute or relative to the link's own folder.
    public func link(_ name: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(atPath: prepared(name), withDestinationPath: destination)
    }

    /// Returns the full path of a file in this folder, after creating the folders above the file.
    private func prepared(_ name: String) throws -> String {
        let file = file(name)
        let folder = file[..<(file.unicodeScalars.lastIndex(of: "/") ?? file.endIndex)]
        try FileManager.default.createDirectory(atPath: String(folder), withIntermediateDirectories: true)
        return file
    }
}
