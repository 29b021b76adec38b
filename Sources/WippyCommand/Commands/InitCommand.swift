import Glibc
import WippyDefinition
import WippyText

/// `init`: writes `wippy.lock`, or brings the one that is there up to date, and makes the source folder; with
/// `--template` it writes an application beside it.
struct InitCommand: Command {
    static let name = "init"
    static let summary = "Make the folder a project: write its wippy.lock and make its source folder."
    static let discussion = """
        An existing lock file keeps its modules and replacements; only its directories are set. With --template it also
        writes an application with a test: a Swift package of its own. No file that is there is written over.

        Templates:
        \(ProjectTemplate.all.map { "  \($0.name.padded(to: templateWidth))  \($0.summary)" }.joined(separator: "\n"))
        """

    private static let templateWidth = ProjectTemplate.all.map(\.name.count).max() ?? 0

    private let sources: String
    private let modules: String
    private let path: String
    private let program: String
    private let schema: String
    private let template: ProjectTemplate?
    private let name: String?
    private let package: String?

    init(from options: inout OptionReader) throws {
        sources = options.path(
            "src-dir", letter: "d", "folder", default: LockFile.usualSources, "Where the definition files are")
        modules = options.path("modules-dir", "folder", default: LockFile.usualModules, "Where modules are")
        path = options.path("lock-file", letter: "l", "file", default: LockFile.name, "The file to write")
        let templates = ProjectTemplate.all
        let templateName = options.word(
            "template", letter: "t", "template", among: templates.map(\.name),
            "Write this application: \(Self.templateNames).")
        name = options.value("name", "name", "What the application is called; defaults to the folder's name.")
        package = options.value(
            "package", "URL|path",
            "Where its package gets wippy-swift from; defaults to the checkout that this program was built from.")
        let language = options.value("handlers", "language", "What its handlers are written in; defaults to swift.")
        program = options.tool.name
        schema = options.tool.definitionSchema
        template = templateName.flatMap { name in templates.first { ExactText.areEqual($0.name, name) } }
        try Self.check(language)
        guard templateName != nil else {
            guard name == nil, package == nil, language == nil else {
                throw UsageError("'--name', '--package' and '--handlers' go with '--template': \(Self.templateNames)")
            }
            return
        }
        guard ExactText.areEqual(sources, LockFile.usualSources), ExactText.areEqual(path, LockFile.name) else {
            throw UsageError("'--template' writes ./src and wippy.lock; leave out '--src-dir' and '--lock-file'")
        }
    }

    func run() throws -> Int32 {
        guard let template else { return try makeProject() }
        let project = try NewProject(name: try name ?? folderName(), dependency: try dependency())
        let files = try template.files(of: project, schema: schema)
        try Project.write(files.map { ($0.path, $0.text) })
        _ = try Project.initialize(lockFile: path, sources: sources, modules: modules)
        try Console.out("wrote \(project.name), made of the template '\(template.name)':")
        for file in files { try Console.out("  \(file.path)") }
        try Console.out(
            """
              \(path)

            Next:
            1. 'make test' builds it and runs its tests; the first build takes some minutes.
            2. 'make run' runs it until Ctrl-C, and README.md says what to try then.
            3. Change src/_index.yaml: with '\(program) run --watch' each save of it is in force at once.
            """)
        return 0
    }

    private func makeProject() throws -> Int32 {
        let result = try Project.initialize(lockFile: path, sources: sources, modules: modules)
        try Console.out("\(result.hadLockFile ? "updated" : "wrote") \(path): the sources are in \(sources)")
        if result.madeSources { try Console.out("made the folder \(result.sources)") }
        if result.isEmpty { try Console.out(advice(for: result.sources)) }
        return 0
    }

    /// The name of the working directory.
    private func folderName() throws(UsageError) -> String {
        guard let folder = Project.workingFolderName else {
            throw UsageError("this folder has no name that can be read; give '--name'")
        }
        return NewProject.usualName(in: folder)
    }

    private func dependency() throws(UsageError) -> RuntimePackage {
        if let package { return try RuntimePackage(package) }
        guard let checkout = RuntimePackage.ownCheckout else {
            throw UsageError("the checkout that this program was built from is gone: give '--package' a URL or a path")
        }
        return checkout
    }

    private static var templateNames: String {
        let names = ProjectTemplate.all.map(\.name)
        return "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")"
    }

    private static func check(_ language: String?) throws(UsageError) {
        switch language.map({ ExactText($0) }) {
        case nil, "swift": return
        case "lua": throw UsageError("Lua code is not run yet: '--handlers' takes swift alone")
        case let other?: throw UsageError("no handlers can be written in '\(other)': '--handlers' takes swift")
        }
    }

    /// What to do in a folder that has no definition file.
    private func advice(for sources: String) -> String {
        let folder = sources.hasExactSuffix("/") ? sources : "\(sources)/"
        return """

            Next:
            1. Write what is to run into \(folder)_index.yaml, for example:

                version: "1.0"
                namespace: app
                entries:
                  - name: gateway
                    kind: http.service
                    addr: ":8080"
                    lifecycle: {auto_start: true}

            2. '\(program) lint' checks it, and '\(program) run' runs it.
            3. Handlers are Swift: '\(program) init --template hello' in an empty folder writes a package with one.
            """
    }
}
