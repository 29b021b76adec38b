import FoundationEssentials

/// A fresh folder for one test.
///
/// It is removed with everything in it when nothing refers to the value any more.
public final class TemporaryFolder: Sendable {
    /// The folder's path.
    public let path: String

    /// Makes the folder.
    public init() throws {
        path = FileManager.default.temporaryDirectory.path + "/wippy-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The full path of a file or folder, which need not exist.
    ///
    /// - Parameter name: its path below this folder.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, and creates the folders above it.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - name: the file's path below this folder.
    public func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    /// Writes a file with any bytes, and creates the folders above it.
    public func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: prepared(name)))
    }

    /// The text of a file.
    public func text(of name: String) throws -> String {
        try String(contentsOf: URL(filePath: file(name)), encoding: .utf8)
    }

    /// Creates a symbolic link, and the folders above it.
    ///
    /// - Parameters:
    ///   - name: the link's path below this folder.
    ///   - destination: the link's target: an absolute path, or one relative to the link's own folder.
    public func link(_ name: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(atPath: prepared(name), withDestinationPath: destination)
    }

    /// The whole path of a name below this folder, whose own folder is made.
    private func prepared(_ name: String) throws -> String {
        let file = file(name)
        let folder = file[..<(file.unicodeScalars.lastIndex(of: "/") ?? file.endIndex)]
        try FileManager.default.createDirectory(atPath: String(folder), withIntermediateDirectories: true)
        return file
    }
}
