import WippyText

/// What `init --template` writes: an application whose sources stand in this repository, where they run and are tested,
/// and the files that every project of its own needs beside them.
///
/// Each is there twice: with handlers in Swift, and in Lua.
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

    /// Its entries, its handlers in Swift and their tests; `{{MODULE}}` stands for the module's name.
    let sources: [File]

    /// Its entries, its handlers in Lua and their tests.
    let scripts: [File]

    /// Every template.
    static let all = [hello, taskQueue, worker]

    /// All files of a package made of it, whose handlers are in Swift.
    ///
    /// The module has another name than the project if a handler of the template is called so: `GreetApp` for `greet`.
    ///
    /// - Parameter schema: the schema of its definition files.
    func files(of project: NewProject, schema: String) -> [File] {
        var project = project
        let handler = "Sources/{{MODULE}}/\(project.module).swift"
        if sources.contains(where: { ExactText.areEqual($0.path, handler) }) { project.module += "App" }
        let own = sources.map { source in
            File(path: project.filled(source.path), text: project.filled(source.text))
        }
        return [
            packageFile(of: project), makefile(of: project), dockerfile(of: project), Self.dockerignore,
            systemdUnit(of: project.name, running: "/srv/\(project.name)/\(project.name)"), Self.gitignore,
            readme(of: project),
            File(path: "schema.json", text: schema + "\n"),
        ] + own
    }

    /// All files of a project made of it, whose handlers are in Lua: `wippy-swift` itself runs it.
    ///
    /// - Parameters:
    ///   - name: what the project is called.
    ///   - schema: the schema of its definition files.
    func scriptFiles(of name: String, schema: String) -> [File] {
        [
            scriptMakefile, systemdUnit(of: name, running: "/usr/local/bin/wippy-swift"), Self.scriptGitignore,
            scriptReadme(of: name), File(path: "schema.json", text: schema + "\n"),
        ] + scripts
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
