import WippyText

/// What `init --template` writes: an application whose sources stand in this repository, where they run and are tested,
/// and the files that every package of its own needs beside them.
struct ProjectTemplate: Sendable {
    /// A file of a project.
    struct File: Sendable {
        /// Where it stands in the project's folder.
        let path: String
        let text: String
    }

    /// What `--template` calls it.
    let name: String

    /// What it shows, a phrase.
    let summary: String

    /// What one sees of it once it runs, a paragraph.
    let trial: String

    /// The port that it serves HTTP on; nil if it serves none.
    let port: Int?

    /// Whether it keeps files, in its folder `data`.
    let keepsData: Bool

    /// Its entries, its handlers and their tests; `{{MODULE}}` stands for the module's name.
    let sources: [File]

    /// Every template.
    static let all = [hello, taskQueue, worker]

    /// All files of a project made of it.
    ///
    /// - Parameter schema: the schema of its definition files.
    /// - Throws: ``UsageError`` if the project's main file would be called as a handler's.
    func files(of project: NewProject, schema: String) throws(UsageError) -> [File] {
        let own = sources.map { source in
            File(path: project.filled(source.path), text: project.filled(source.text))
        }
        let main = "Sources/\(project.module)/\(project.module).swift"
        guard own.count(where: { ExactText.areEqual($0.path, main) }) < 2 else {
            throw UsageError(
                "the template '\(name)' has a file '\(main)' of its own: give another '--name' than '\(project.name)'")
        }
        return [
            packageFile(of: project), makefile(of: project), dockerfile(of: project), Self.dockerignore,
            systemdUnit(of: project), Self.gitignore, readme(of: project),
            File(path: "schema.json", text: schema + "\n"),
        ] + own
    }
}

extension NewProject {
    /// A template's text with the module's name in it.
    fileprivate func filled(_ text: String) -> String {
        var (filled, rest) = ("", Substring(text))
        while let mark = rest.firstRange(of: "{{MODULE}}") {
            filled += rest[..<mark.lowerBound] + module
            rest = rest[mark.upperBound...]
        }
        return filled + rest
    }
}
