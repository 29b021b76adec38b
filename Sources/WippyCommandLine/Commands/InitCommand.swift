import Glibc
import WippyDefinition
import WippyText

/// `init`: writes or updates `wippy.lock`, and creates the source directory.
///
/// With `--template`, it also writes an application.
struct InitCommand: Command {
    static let name = "init"
    static let summary = "Make this folder a project: write wippy.lock and create the source directory."
    static let discussion = """
        An existing lock file keeps its modules and replacements; only its directories are set. With '--template' the
        command also writes an application with a test. The application is a Swift package, or, with '--handlers lua', a
        project of scripts that needs no build. Existing files are never overwritten.

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
    private let writesScripts: Bool

    init(from options: inout OptionReader) throws {
        sources = options.path(
            "src-dir", letter: "d", valueName: "folder", default: LockFile.usualSources,
            "The folder of the definition files")
        modules = options.path(
            "modules-dir", valueName: "folder", default: LockFile.usualModules, "The folder of the modules")
        path = options.path(
            "lock-file", letter: "l", valueName: "file", default: LockFile.name, "The lock file to write")
        let templates = ProjectTemplate.all
        let templateName = options.word(
            "template", letter: "t", valueName: "template", among: templates.map(\.name),
            "Write this application: \(Self.templateNames).")
        name = options.value("name", valueName: "name", "The name of the application. Default: the folder's name.")
        package = options.value(
            "package", valueName: "URL|path",
            "The URL or path of wippy-swift, for the new Package.swift. Default: the checkout that this program was "
                + "built from.")
        let language = options.word(
            "handlers", valueName: "language", among: ["swift", "lua"],
            "The language of its handlers: swift or lua. Default: swift.")
        writesScripts = language.map { ExactText.areEqual($0, "lua") } ?? false
        program = options.tool.name
        schema = options.tool.definitionSchema
        template = templateName.flatMap { name in templates.first { ExactText.areEqual($0.name, name) } }
        guard templateName != nil else {
            guard name == nil, package == nil, language == nil else {
                throw UsageError("'--name', '--package' and '--handlers' need '--template': \(Self.templateNames)")
            }
            return
        }
        guard ExactText.areEqual(sources, LockFile.usualSources), ExactText.areEqual(path, LockFile.name) else {
            throw UsageError("'--template' writes ./src and wippy.lock; leave out '--src-dir' and '--lock-file'")
        }
        guard !writesScripts || package == nil else {
            throw UsageError("'--package' is for handlers in Swift: a project of scripts has no Swift package")
        }
    }

    func run() throws -> Int32 {
        guard let template else { return try makeProject() }
        let name = try name ?? folderName()
        let (files, advice) = try writesScripts ? scripts(of: template, name) : package(of: template, name)
        try Project.write(files.map { ($0.path, $0.text) })
        _ = try Project.initialize(lockFile: path, sources: sources, modules: modules)
        try Console.out("wrote \(name) from the template '\(template.name)':")
        for file in files { try Console.out("  \(file.path)") }
        try Console.out("  \(path)\n\nNext:\n\(advice)")
        return 0
    }

    /// Returns the files of a Swift package, and advice on the next steps.
    private func package(
        of template: ProjectTemplate, _ name: String
    ) throws -> (files: [ProjectTemplate.File], advice: String) {
        let project = try NewProject(name: name, dependency: try dependency())
        let advice = """
            1. 'make test' builds the application and runs its tests; the first build takes some minutes.
            2. 'make run' runs the application until you press Ctrl-C; README.md says how to try it.
            3. Change src/_index.yaml: with '\(program) run --watch' each save takes effect at once.
            """
        return (template.files(of: project, schema: schema), advice)
    }

    /// Returns the files of a project without Swift, and advice on the next steps.
    private func scripts(
        of template: ProjectTemplate, _ name: String
    ) throws -> (files: [ProjectTemplate.File], advice: String) {
        try NewProject.check(name)
        let advice = """
            1. 'make test' runs the tests of the application.
            2. 'make run' runs the application until you press Ctrl-C; README.md says how to try it.
            3. Change a script or src/_index.yaml while it runs: each save takes effect at once.
            """
        return (template.scriptFiles(of: name, schema: schema), advice)
    }

    private func makeProject() throws -> Int32 {
        let result = try Project.initialize(lockFile: path, sources: sources, modules: modules)
        try Console.out("\(result.hadLockFile ? "updated" : "wrote") \(path): the sources are in \(sources)")
        if result.madeSources { try Console.out("created the folder \(result.sources)") }
        if result.isEmpty { try Console.out(advice(for: result.sources)) }
        return 0
    }

    /// The name of the working directory.
    private func folderName() throws(UsageError) -> String {
        guard let folder = Project.workingFolderName else {
            throw UsageError("cannot read the name of this folder; give '--name'")
        }
        return writesScripts ? folder : NewProject.usualName(in: folder)
    }

    private func dependency() throws(UsageError) -> RuntimePackage {
        if let package { return try RuntimePackage(package) }
        guard let checkout = RuntimePackage.ownCheckout else {
            throw UsageError(
                "the checkout that this program was built from no longer exists: give '--package' a URL or a path")
        }
        return checkout
    }

    private static var templateNames: String {
        let names = ProjectTemplate.all.map(\.name)
        return "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")"
    }

    /// Returns advice for a folder without definition files.
    private func advice(for sources: String) -> String {
        let folder = sources.hasExactSuffix("/") ? sources : "\(sources)/"
        return """

            Next:
            1. Declare entries in \(folder)_index.yaml, for example:

                version: "1.0"
                namespace: app
                entries:
                  - name: gateway
                    kind: http.service
                    addr: ":8080"
                    lifecycle: {auto_start: true}

            2. '\(program) lint' checks it, and '\(program) run' runs it.
            3. In an empty folder, '\(program) init --template hello' writes a package with a handler in Swift.
               Add '--handlers lua' for a project with a script.
            """
    }
}
