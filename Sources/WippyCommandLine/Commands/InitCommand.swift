import Glibc
import WippyDefinition
import WippyRuntime
import WippyText

/// `init`: writes or updates `wippy.lock`, and creates the source directory.
///
/// With `--template`, it also writes an application. The program has the templates.
struct InitCommand: Command {
    static let name = "init"
    static let summary = "Make this folder a project: write wippy.lock and create the source directory."
    static let discussion = """
        An existing lock file keeps its modules and replacements; only its directories are set.
        """

    private static func discussion(of templates: [ProjectTemplate]) -> String {
        let width = templates.map(\.name.count).max() ?? 0
        return """
            With '--template' the command also writes an application with a test. The application is a Swift package, \
            or, with '--handlers lua', a project of scripts that needs no build. Existing files are never overwritten.

            Templates:
            \(templates.map { "  \($0.name.padded(to: width))  \($0.summary)" }.joined(separator: "\n"))
            """
    }

    private let sources: String
    private let modules: String
    private let path: String
    private let program: String
    private let schema: String
    private let templates: [ProjectTemplate]
    private let template: ProjectTemplate?
    private let name: String?
    private let package: String?
    private let writesScripts: Bool

    init(from options: inout OptionReader) throws {
        sources = options.path(
            "src-dir", letter: "d", valueName: "folder", default: LockFile.usualSources,
            "The folder of the definition files.")
        modules = options.path(
            "modules-dir", valueName: "folder", default: LockFile.usualModules, "The folder of the modules.")
        path = options.path(
            "lock-file", letter: "l", valueName: "file", default: LockFile.name, "The lock file to write.")
        program = options.tool.name
        schema = options.tool.definitionSchema
        let templates = options.tool.templates
        self.templates = templates
        guard !templates.isEmpty else {
            (template, name, package, writesScripts) = (nil, nil, nil, false)
            return
        }
        options.discussion = Self.discussion(of: templates)
        let names = Self.names(of: templates)
        let templateName = options.word(
            "template", letter: "t", valueName: "template", among: templates.map(\.name),
            "Write this application: \(names).")
        name = options.value("name", valueName: "name", "The name of the application. Default: the folder's name.")
        package = options.value(
            "package", valueName: "URL|path",
            "The URL or path of wippy-swift, for the new Package.swift. Default: the checkout that this program was "
                + "built from.")
        let language = options.word(
            "handlers", valueName: "language", among: ["swift", "lua"],
            "The language of its handlers: swift or lua. Default: swift.")
        writesScripts = language.map { ExactText.areEqual($0, "lua") } ?? false
        template = templateName.flatMap { name in templates.first { ExactText.areEqual($0.name, name) } }
        guard templateName != nil else {
            guard name == nil, package == nil, language == nil else {
                throw UsageError("'--name', '--package' and '--handlers' need '--template': \(names)")
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

    private static func names(of templates: [ProjectTemplate]) -> String {
        let names = templates.map(\.name)
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return "\(names.dropLast().joined(separator: ", ")) or \(last)"
    }

    func run() throws -> Int32 {
        guard let template else { return try makeProject() }
        guard !(writesScripts ? template.scripts : template.sources).isEmpty else {
            let (language, other) = writesScripts ? ("Lua", "swift") : ("Swift", "lua")
            throw UsageError(
                "the template '\(template.name)' has no handlers in \(language); give '--handlers \(other)'")
        }
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

    /// Returns advice for a folder without definition files.
    func advice(for sources: String) -> String {
        let folder = sources.hasExactSuffix("/") ? sources : "\(sources)/"
        return """

            Next:
            1. Declare entries in \(folder)_index.yaml\(adviceAboutEntries)

            2. '\(program) lint' checks it, and '\(program) run' runs it.\(adviceAboutTemplates)
            """
    }

    /// The rest of a sentence that says what the entries may be.
    private var adviceAboutEntries: String {
        guard let example = templates.lazy.compactMap(\.example).first else {
            return "; '\(program) kinds' lists their kinds."
        }
        let lines = example.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return ", for example:\n\n    \(lines.joined(separator: "\n    "))"
    }

    private var adviceAboutTemplates: String {
        guard let first = templates.first else { return "" }
        let options = first.sources.isEmpty ? " --handlers lua" : ""
        let hasBoth = !first.sources.isEmpty && !first.scripts.isEmpty
        return """

            3. In an empty folder, '\(program) init --template \(first.name)\(options)' writes an application.
            """ + (hasBoth ? "\n   Add '--handlers lua' for a project of scripts." : "")
    }
}
