import WippyDefinition
import WippyText

/// `init`: writes `wippy.lock`, or brings the one that is there up to date, and makes the source folder.
struct InitCommand: Command {
    static let name = "init"
    static let summary = "Make the folder a project: write its wippy.lock and make its source folder."
    static let discussion = "An existing lock file keeps its modules and replacements; only its directories are set."

    private let sources: String
    private let modules: String
    private let path: String
    private let program: String

    init(from options: inout OptionReader) {
        sources = options.path(
            "src-dir", letter: "d", "folder", default: LockFile.usualSources, "Where the definition files are")
        modules = options.path("modules-dir", "folder", default: LockFile.usualModules, "Where modules are")
        path = options.path("lock-file", letter: "l", "file", default: LockFile.name, "The file to write")
        program = options.tool.program
    }

    func run() throws -> Int32 {
        let result = try Project.initialize(lockFile: path, sources: sources, modules: modules)
        try Console.out("\(result.hadLockFile ? "updated" : "wrote") \(path): the sources are in \(sources)")
        if result.madeSources { try Console.out("made the folder \(result.sources)") }
        if result.isEmpty { try Console.out(advice(for: result.sources)) }
        return 0
    }

    /// What to write into a folder that has no definition file.
    private func advice(for sources: String) -> String {
        let folder = sources.hasExactSuffix("/") ? sources : "\(sources)/"
        return """

            Next, write what is to run into \(folder)_index.yaml, for example:

                version: "1.0"
                namespace: app
                entries:
                  - name: gateway
                    kind: http.service
                    addr: ":8080"
                    lifecycle: {auto_start: true}

            Then '\(program) run' runs it.
            """
    }
}
