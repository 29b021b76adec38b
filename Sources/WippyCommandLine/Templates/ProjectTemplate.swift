import WippyText

/// An application that `init --template` writes.
///
/// Its sources are in this repository, where they run and are tested. Each template exists twice: with handlers in
/// Swift, and with handlers in Lua.
struct ProjectTemplate: Sendable {
    /// A file of a project.
    struct File: Sendable {
        /// The path of the file in the project's folder.
        let path: String
        let text: String
    }

    /// The name of the template for `--template`.
    let name: String

    /// The purpose of the template, as a phrase.
    let summary: String

    /// The text that shows how to try the running application.
    let trial: String

    /// The port of the application's HTTP server; nil if it has no HTTP server.
    let port: Int?

    /// True if the application keeps files in its folder `data`.
    let keepsData: Bool

    /// The entries, the handlers in Swift and their tests.
    ///
    /// `{{MODULE}}` stands for the module's name.
    let sources: [File]

    /// The entries, the handlers in Lua and their tests.
    let scripts: [File]

    /// Every template.
    static let all = [hello, taskQueue, worker]

    /// Returns all files of a package with handlers in Swift.
    ///
    /// If a handler of the template has the module's name, the module gets another name: `GreetApp` instead of `Greet`.
    ///
    /// - Parameter schema: the schema of the project's definition files.
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

    /// Returns all files of a project with handlers in Lua, which `wippy-swift` itself runs.
    ///
    /// - Parameters:
    ///   - name: the name of the project.
    ///   - schema: the schema of the project's definition files.
    func scriptFiles(of name: String, schema: String) -> [File] {
        [
            scriptMakefile, systemdUnit(of: name, running: "/usr/local/bin/wippy-swift"), Self.scriptGitignore,
            scriptReadme(of: name), File(path: "schema.json", text: schema + "\n"),
        ] + scripts
    }
}

extension NewProject {
    /// Returns a template's text with the module's name filled in.
    fileprivate func filled(_ text: String) -> String {
        var (filled, rest) = ("", Substring(text))
        while let mark = rest.firstRange(of: "{{MODULE}}") {
            filled += rest[..<mark.lowerBound] + module
            rest = rest[mark.upperBound...]
        }
        return filled + rest
    }
}
