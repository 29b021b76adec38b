import FoundationEssentials
import WippyTestTools

/// The project that a test runs.
///
/// ``nearest``, and ``folder(_:)`` with a relative path, search in the folder of the test's own file, then in the
/// folder above, and so on. If that file does not exist on this machine, the search begins in the working directory.
public struct TestProject: Sendable {
    private enum Source {
        case nearest
        case folder(String)
        case definitions(String)
    }

    private let source: Source

    /// The project in the nearest folder above the test's file that has a `wippy.lock` or a `src/_index.yaml`.
    public static var nearest: TestProject { TestProject(source: .nearest) }

    /// Returns the project in a folder.
    ///
    /// - Parameter path: the folder's path. A relative path begins in the nearest folder above the test's file that has
    ///   a `Package.swift`.
    public static func folder(_ path: String) -> TestProject { TestProject(source: .folder(path)) }

    /// Returns a project with one definition file, which has this YAML text.
    public static func definitions(_ text: String) -> TestProject { TestProject(source: .definitions(text)) }

    /// Returns the project's folder.
    ///
    /// - Parameters:
    ///   - file: the test's file.
    ///   - own: the folder for a project that exists only as a text.
    func path(seenFrom file: String, orIn own: TemporaryFolder) throws -> String {
        switch source {
        case .nearest: return try Self.folder(above: file, with: ["wippy.lock", "src/_index.yaml"], "a project")
        case .folder(let path):
            if path.utf8.first == UInt8(ascii: "/") { return path }
            return try Self.folder(above: file, with: ["Package.swift"], "the package of this test") + "/" + path
        case .definitions(let text):
            try own.write(text, to: "project/src/_index.yaml")
            return own.file("project")
        }
    }

    private static func folder(above file: String, with names: [String], _ what: String) throws -> String {
        let files = FileManager.default
        let start = files.fileExists(atPath: file) ? file : files.currentDirectoryPath + "/."
        var folder = start[...]
        while let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")) {
            folder = folder[..<slash]
            if names.contains(where: { files.fileExists(atPath: "\(folder)/\($0)") }) { return String(folder) }
        }
        let wanted = names.map { "'\($0)'" }.joined(separator: " or ")
        throw TestFailure("cannot find \(what): no folder above '\(start)' has \(wanted); name it with 'project:'")
    }
}

/// The error of a test that cannot continue.
public struct TestFailure: Error, CustomStringConvertible {
    /// The problem, with its solution if that is known.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
