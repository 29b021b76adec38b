import WippyText

/// A project's folder, with its lock file and settings.
public struct Project: Sendable {
    /// The path of the project's folder.
    public let directory: String

    /// The project's settings.
    public let settings: ProjectSettings

    /// The lock file and the settings file, as they were read.
    let files: [SourceFile]

    /// The paths at which the project's files and folders were searched, including missing ones.
    let places: [String]

    /// The folders with definition files, in the order of reading.
    let roots: [SourceRoot]

    /// The paths of the folders that have modules.
    ///
    /// They belong to no root, because each module is a root itself.
    let moduleFolders: [String]

    /// The place of a diagnostic about the whole project: the source directory, or the lock file if there is no source
    /// directory.
    public var place: Location { Location(source: roots.first { $0.module == nil }?.path ?? LockFile.name) }

    /// Reads a project's `wippy.lock` and `.wippy.yaml`.
    ///
    /// Without a `wippy.lock`, the definition files are in `./src`, if that folder exists. After an error, the
    /// project has everything that could be read.
    ///
    /// - Parameters:
    ///   - directory: the project's folder.
    ///   - settingsFile: a file to read instead of `.wippy.yaml`; absolute, or relative to the project's folder. It
    ///     must exist. Default: nil, `.wippy.yaml`, which may be missing.
    ///   - profiles: the names of profiles in the settings file. They are applied in order. Default: none.
    ///   - assignments: the options `--set`: values that replace those of the settings file, each as
    ///     `section.path=value`. Default: none.
    ///   - sections: the sections of the settings file that the program has. Default: none.
    ///   - environment: the variables of the process's environment. Default: those of this process.
    ///   - limits: the limits for the size and nesting of files. Default: the standard limits.
    ///   - report: receives the diagnostics.
    public init(
        at directory: String, settingsFile: String? = nil, profiles: [String] = [], assignments: [String] = [],
        sections: [any SettingsSection.Type] = [], environment: SystemVariables = .process,
        limits: SourceLimits = .standard, report: inout Report
    ) {
        var reader = ProjectReader(directory: directory, limits: limits)
        self.directory = directory
        let file = reader.settingsFile(named: settingsFile, report: &report)
        settings = ProjectSettings(
            file, sections: sections, profiles: profiles, assignments: assignments, environment: environment,
            report: &report)
        (roots, moduleFolders) = reader.folders(report: &report)
        files = reader.files
        places = reader.places
    }
}

/// Reads a project's settings file and lock file, and finds its folders.
private struct ProjectReader {
    let directory: String
    let limits: SourceLimits
    var files: [SourceFile] = []
    var places: [String] = []

    mutating func settingsFile(named name: String?, report: inout Report) -> Node? {
        root(of: name ?? ".wippy.yaml", mustExist: name != nil, report: &report)
    }

    mutating func folders(report: inout Report) -> (roots: [SourceRoot], modules: [String]) {
        guard FileSystem.status(onDisk(LockFile.name)) != nil else {
            let sources = Path.clean(LockFile.usualSources)
            if FileSystem.status(onDisk(sources))?.kind == .folder { return ([sourceRoot(sources)], []) }
            let sentence =
                "there is neither this file nor a folder '\(sources)'; run the command 'init' to make a project"
            report.add(.error(at: Location(source: LockFile.name), sentence))
            return ([], [])
        }
        guard let root = root(of: LockFile.name, mustExist: true, report: &report) else { return ([], []) }
        let lock = LockFile(root, report: &report)
        let roots = ownRoot(lock, &report) + replacements(lock, &report) + vendored(lock, &report)
        return (roots, [lock.modulesFolder, lock.vendorFolder].map { onDisk($0) })
    }

    private mutating func ownRoot(_ lock: LockFile, _ report: inout Report) -> [SourceRoot] {
        guard let (path, location) = lock.sources else { return [] }
        guard FileSystem.status(onDisk(path))?.kind == .folder else {
            report.add(.error(at: location, "'\(LockFile.sourcesField)' names '\(path)', which is not a folder"))
            return []
        }
        return [sourceRoot(path)]
    }

    private mutating func replacements(_ lock: LockFile, _ report: inout Report) -> [SourceRoot] {
        lock.replacements.compactMap { replacement in
            let module = SourceRoot.Module(name: replacement.module, version: nil, location: replacement.location)
            if let root = moduleRoot(replacement.path, module) { return root }
            let sentence = "the replacement of '\(replacement.module)' is '\(replacement.path)', which is not a folder"
            report.add(.error(at: replacement.location, sentence))
            return nil
        }
    }

    private mutating func vendored(_ lock: LockFile, _ report: inout Report) -> [SourceRoot] {
        let replaced = Set(lock.replacements.map { ExactText($0.module) })
        return lock.modules.filter { !replaced.contains(ExactText($0.name)) }.compactMap { locked in
            let module = SourceRoot.Module(name: locked.name, version: locked.version, location: locked.location)
            let path = "\(lock.vendorFolder)/\(locked.name)"
            if let root = moduleRoot(path, module) ?? moduleRoot("\(path)-\(locked.version)", module) { return root }
            let isPacked = FileSystem.status(onDisk("\(path)-\(locked.version).wapp")) != nil
            let problem = isPacked ? "is packed (.wapp): unpack it into" : "is not installed: put it into"
            report.add(.error(at: locked.location, "the module '\(locked.name)' \(problem) '\(Path.clean(path))'"))
            return nil
        }
    }

    /// Returns a module's folder `src` if it has one, otherwise the module's folder.
    private mutating func moduleRoot(_ path: String, _ module: SourceRoot.Module) -> SourceRoot? {
        let candidates = [path + "/src", path]
        guard let found = candidates.first(where: { FileSystem.status(onDisk($0))?.kind == .folder }) else {
            return nil
        }
        var root = sourceRoot(found)
        root.module = module
        return root
    }

    private mutating func sourceRoot(_ path: String) -> SourceRoot {
        let folder = onDisk(path)
        let own = Path.clean(directory)
        let isBelow = path.hasExactPrefix("/") && folder.hasExactPrefix("\(own)/")
        return SourceRoot(path: isBelow ? folder.dropping("\(own)/") : Path.clean(path), folder: folder)
    }

    private mutating func onDisk(_ path: String) -> String {
        places.append(path)
        return Path.join(directory, path)
    }

    /// Reads a YAML file that must be a map; nil if the file is missing, or if its errors are in the report.
    private mutating func root(of path: String, mustExist: Bool, report: inout Report) -> Node? {
        do throws(FileSystem.Failure) {
            let file = SourceFile(path: path, text: try FileSystem.text(of: onDisk(path), limit: limits.fileBytes))
            files.append(file)
            let result = YAMLComposer.compose(file, limits: limits)
            report.add(result.problems)
            if result.wasAbandoned { return nil }
            let root = result.root ?? Node(.mapping([]), at: Location(file: path, line: 1, column: 1))
            if case .mapping = root.content { return root }
            report.add(.error(at: root.location, "the file must be a map, got \(root.found)"))
        } catch {
            if mustExist || !error.isAbsence { report.add(error.diagnostic(for: path)) }
        }
        return nil
    }
}

extension FileSystem.Failure {
    /// Returns a diagnostic about the file with a given path.
    func diagnostic(for path: String) -> Diagnostic {
        let place = line == 0 ? Location(source: path) : Location(file: path, line: line, column: column)
        return .error(at: place, line == 0 ? "the file \(sentence)" : "the file \(sentence) from here on")
    }
}
