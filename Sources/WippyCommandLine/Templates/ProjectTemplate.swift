import WippyText

/// An application that `init --template` writes.
///
/// It is a list of files with handlers in Swift, a list of files with handlers in Lua, or both. `init` adds files such
/// as `Package.swift` and a Makefile, if the list has no file with the same path.
///
/// Add your template to the program's list of templates: `.standard + [.mine]`.
public struct ProjectTemplate: Sendable {
    /// A file of a project.
    public struct File: Sendable {
        /// The path of the file in the project's folder.
        public let path: String

        /// The content of the file, with a line break at its end.
        public let text: String

        /// Creates a file.
        public init(path: String, text: String) {
            (self.path, self.text) = (path, text)
        }
    }

    /// A library of the system that a program links: the names of its Debian packages.
    public struct Library: Sendable {
        /// The package with which the program is built, such as `libpq-dev`.
        public let development: String

        /// The package with which the program runs, such as `libpq5`.
        public let runtime: String

        /// Creates a library.
        public init(development: String, runtime: String) {
            (self.development, self.runtime) = (development, runtime)
        }
    }

    /// The name of the template for `--template`.
    public let name: String

    let summary: String
    let trial: String
    /// The definition file that `init` shows as an example; nil if it shows none.
    let example: String?
    let port: Int?
    let readyPath: String?
    let libraries: [Library]
    let keepsData: Bool
    let testOverrides: [String]
    let sources: [File]
    let scripts: [File]

    /// Creates a template.
    ///
    /// - Parameters:
    ///   - name: the name of the template for `--template`.
    ///   - summary: the purpose of the template, as a phrase or sentences.
    ///   - trial: the text of `README.md` that shows how to try the running application.
    ///   - example: a short definition file, without a line break at its end. `init` without `--template` shows the
    ///     example of the first template that has one, if the project has no definition files. Default: none.
    ///   - port: the port of the application's HTTP server. Default: nil, for no server.
    ///   - readyPath: the path at which the server says whether it is ready, for the health check of the image.
    ///     Default: nil, for no check.
    ///   - libraries: the libraries that the program links beside those of `Wippy`. Default: none.
    ///   - keepsData: true if the application keeps files in its folder `data`. Default: false.
    ///   - testOverrides: overrides of fields for a test of the scripts, each in the form `namespace:entry:path=value`.
    ///     With them the test can use a free port, for example. Default: none.
    ///   - sources: the entries, the handlers in Swift and their tests. `{{MODULE}}` in a path or text stands for the
    ///     name of the package's module, `Sources/{{MODULE}}` for its folder. Default: none, for a template without
    ///     handlers in Swift.
    ///   - scripts: the entries, the handlers in Lua and their tests. Default: none, for a template without handlers in
    ///     Lua.
    public init(
        name: String, summary: String, trial: String, example: String? = nil, port: Int? = nil,
        readyPath: String? = nil, libraries: [Library] = [], keepsData: Bool = false, testOverrides: [String] = [],
        sources: [File] = [], scripts: [File] = []
    ) {
        self.name = name
        self.summary = summary
        self.trial = trial
        self.example = example
        self.port = port
        self.readyPath = readyPath
        self.libraries = Self.librariesOfWippy + libraries
        self.keepsData = keepsData
        self.testOverrides = testOverrides
        self.sources = sources
        self.scripts = scripts
    }

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
        return Self.completing(
            own,
            with: [
                packageFile(of: project), makefile(of: project), dockerfile(of: project), Self.dockerignore,
                systemdUnit(of: project.name, running: "/srv/\(project.name)/\(project.name)"), Self.gitignore,
                readme(of: project),
                File(path: "schema.json", text: schema + "\n"),
            ])
    }

    /// Returns all files of a project with handlers in Lua, which `wippy-swift` itself runs.
    ///
    /// - Parameters:
    ///   - name: the name of the project.
    ///   - schema: the schema of the project's definition files.
    func scriptFiles(of name: String, schema: String) -> [File] {
        Self.completing(
            scripts,
            with: [
                scriptMakefile, systemdUnit(of: name, running: "/usr/local/bin/wippy-swift"), Self.scriptGitignore,
                scriptReadme(of: name), File(path: "schema.json", text: schema + "\n"),
            ])
    }

    /// Returns a template's own files, and before them the general files whose paths they leave free.
    private static func completing(_ own: [File], with general: [File]) -> [File] {
        let taken = Set(own.map { ExactText($0.path) })
        return general.filter { !taken.contains(ExactText($0.path)) } + own
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
