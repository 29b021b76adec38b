import FoundationEssentials

/// Where the project of a test is.
///
/// The search starts from the test's own file and goes upwards. So a test finds its project under `swift test`, in
/// Xcode, and in a package in a subfolder, whatever the working directory is. If that file is not on this machine,
/// because the tests were built on another one, the search starts from the working directory.
public struct TestProject: Sendable {
    private enum Source {
        case nearest
        case folder(String)
        case definitions(String)
    }

    private let source: Source

    /// The nearest folder with a `wippy.lock` or a `src/_index.yaml`.
    public static var nearest: TestProject { TestProject(source: .nearest) }

    /// A folder.
    ///
    /// A relative path starts from the folder of the nearest `Package.swift`.
    public static func folder(_ path: String) -> TestProject { TestProject(source: .folder(path)) }

    /// A project with one definition file that has this YAML text.
    public static func definitions(_ text: String) -> TestProject { TestProject(source: .definitions(text)) }

    /// The project's folder.
    ///
    /// - Parameters:
    ///   - file: the test's file.
    ///   - own: a folder for what stands in no other.
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

/// Why a test cannot go on: a sentence.
public struct TestFailure: Error, CustomStringConvertible {
    /// What happened and what to do.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
