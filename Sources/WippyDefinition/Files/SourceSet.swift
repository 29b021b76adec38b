import WippyText

/// The texts of a project's definition files, lock file and settings file.
public struct SourceSet: Sendable {
    /// A file that may declare entries.
    struct DefinitionFile: Sendable {
        let source: SourceFile
        let root: SourceRoot
        /// The file's path below the root.
        let path: String
    }

    /// A JSON file that is left out because it cannot be read.
    ///
    /// Perhaps it belongs to another program.
    struct LeftOutFile: Sendable {
        /// The warning about the file.
        let diagnostic: Diagnostic
        /// The beginning of the file.
        let beginning: String
    }

    /// The files that may declare entries, in the order of the search.
    private(set) var files: [DefinitionFile] = []

    /// The JSON files that could not be read.
    private(set) var leftOut: [LeftOutFile] = []

    /// The project's folder.
    let directory: String

    /// The limits under which the files were read.
    let limits: SourceLimits

    /// The number of bytes that have been read.
    private(set) var bytes = 0

    private var texts: [ExactText: SourceFile] = [:]

    /// The folders that were searched.
    let folders: [String]

    /// The symbolic links that were found in the searched folders.
    let links: [String]

    /// Reads the `.yaml`, `.yml` and `.json` files in the project's source directory and in its modules' folders.
    ///
    /// Symbolic links are followed. The search leaves out names that begin with a dot, and `node_modules`. A file or
    /// folder that cannot be read is reported and left out.
    ///
    /// - Parameters:
    ///   - project: the project whose folders are searched.
    ///   - changes: the changes that code has made. Their entries are added as further files, if the project has a
    ///     folder to search. Default: none.
    ///   - limits: the limits for files and folders. Default: the standard limits.
    ///   - report: receives the diagnostics.
    public init(
        _ project: Project, changes: EntryChanges = EntryChanges(), limits: SourceLimits = .standard,
        report: inout Report
    ) {
        directory = project.directory
        self.limits = limits
        for file in project.files { texts[ExactText(file.path)] = file }
        var search = FolderSearch(leavingOut: project.roots.map(\.folder) + project.moduleFolders, limits: limits)
        var found: [(root: SourceRoot, path: String)] = []
        for root in project.roots { found += search.files(in: root, report: &report).map { (root, $0) } }
        (folders, links) = (search.folders, search.links)
        // JSON files are read last, so that files of other programs cannot use up the limits before the project's own.
        let order =
            found.indices.filter { !found[$0].path.namesJSON } + found.indices.filter { found[$0].path.namesJSON }
        let read = order.compactMap { index in
            self.read(found[index].path, of: found[index].root, report: &report).map { (index, $0) }
        }
        files = read.sorted { $0.0 < $1.0 }.map(\.1)
        guard let own = project.roots.first else { return }
        for file in changes.files {
            texts[ExactText(file.path)] = file
            files.append(DefinitionFile(source: file, root: own, path: file.path))
        }
    }

    /// Returns the file with a path, such as the source of a ``Location``; nil if the set has no such file.
    public subscript(path: String) -> SourceFile? { texts[ExactText(path)] }

    /// Returns true if a folder has files that can declare entries, outside the folder of modules.
    static func hasFiles(in root: SourceRoot, modules: String) -> Bool {
        var search = FolderSearch(leavingOut: [modules], limits: .standard)
        var report = Report()
        return !search.files(in: root, report: &report).isEmpty
    }

    private mutating func read(_ path: String, of root: SourceRoot, report: inout Report) -> DefinitionFile? {
        let shown = Path.join(root.path, path)
        let disk = Path.join(root.folder, path)
        do throws(FileSystem.Failure) {
            let text = try FileSystem.text(of: disk, limit: limits.fileBytes)
            bytes += text.utf8.count
            guard bytes <= limits.totalBytes else {
                let total = ByteCount(limits.totalBytes).written
                throw FileSystem.Failure(sentence: "is left out: the files hold more than \(total) together")
            }
            let file = SourceFile(path: shown, text: text)
            texts[ExactText(shown)] = file
            return DefinitionFile(source: file, root: root, path: path)
        } catch {
            let problem = error.diagnostic(for: shown)
            if shown.namesJSON {
                let file = LeftOutFile(diagnostic: problem.leavingOut, beginning: FileSystem.beginning(of: disk))
                report.add(file.diagnostic)
                leftOut.append(file)
            } else {
                report.add(problem)
            }
            return nil
        }
    }
}

extension String {
    /// True if the name is the name of a JSON file.
    var namesJSON: Bool { Path.fileExtension(self) == "json" }
}

extension Diagnostic {
    /// The same diagnostic as a warning that also says that the file is left out.
    var leavingOut: Diagnostic {
        let end = "the file is left out"
        return .warning(at: location, entry: entry, message.hasExactPrefix(end) ? message : "\(message); \(end)")
    }
}

/// Finds definition files below folders.
struct FolderSearch {
    let limits: SourceLimits
    private var seen: Set<FileSystem.Identity> = []
    private var count = 0
    private var isOver = false
    private var found: [String] = []
    /// The folders that were searched, and the symbolic links in them.
    private(set) var folders: [String] = []
    private(set) var links: [String] = []
    /// The folders to skip below a root: folders of modules, and other roots, which are searched separately.
    private let leftOut: Set<FileSystem.Identity>

    static let extensions = ["yaml", "yml", "json"]

    init(leavingOut folders: [String], limits: SourceLimits) {
        self.limits = limits
        leftOut = Set(folders.compactMap { FileSystem.status($0)?.identity })
    }

    /// Returns the definition files of a root, in lexical order, as paths below the root.
    mutating func files(in root: SourceRoot, report: inout Report) -> [String] {
        found = []
        guard let status = FileSystem.status(root.folder), seen.insert(status.identity).inserted else { return [] }
        search(".", of: root, depth: 1, report: &report)
        return found
    }

    private mutating func search(_ folder: String, of root: SourceRoot, depth: Int, report: inout Report) {
        let shown = Path.join(root.path, folder)
        guard depth <= limits.depth else {
            report.add(.error(at: Location(source: shown), "folders nest deeper than \(limits.depth) levels"))
            return
        }
        do throws(FileSystem.Failure) {
            folders.append(shown)
            for name in try FileSystem.names(in: Path.join(root.folder, folder)) where !name.isPassedOver {
                guard mayGoOn(shown, &report) else { return }
                if name.mayBeLink { links.append(Path.join(shown, name.text)) }
                guard !name.isEscaped else {
                    let place = Location(source: Path.join(shown, name.text))
                    report.add(.warning(at: place, "the name is not UTF-8; this file or folder is left out"))
                    continue
                }
                look(at: Path.join(folder, name.text), of: root, depth: depth, report: &report)
            }
        } catch {
            report.add(.error(at: Location(source: shown), "the folder \(error.sentence)"))
        }
    }

    /// Notes a definition file, or searches a folder.
    private mutating func look(at path: String, of root: SourceRoot, depth: Int, report: inout Report) {
        let ending = String(Path.fileExtension(path))
        let isDefinition = Self.extensions.contains { $0 == ending }
        let status: FileSystem.Status
        do throws(FileSystem.Failure) {
            status = try FileSystem.status(of: Path.join(root.folder, path))
        } catch {
            // If a definition file cannot be read, its reading says why.
            if isDefinition { return found.append(path) }
            if let problem = Self.problem(with: path, of: root, error) { report.add(problem) }
            return
        }
        if status.kind == .folder {
            guard !leftOut.contains(status.identity), seen.insert(status.identity).inserted else { return }
            search(path, of: root, depth: depth + 1, report: &report)
        } else if isDefinition {
            if seen.insert(status.identity).inserted { found.append(path) }
        } else if let meant = Self.extensions.first(where: { $0 == ending.lowercasedASCII }) {
            let place = Location(source: Path.join(root.path, path))
            report.add(.warning(at: place, "the file is not read: its name must end in '.\(meant)', not '.\(ending)'"))
        }
    }

    /// Returns the diagnostic about what has a name in a folder, but cannot be looked at.
    ///
    /// - Returns: nil if the file or folder has been removed in the meantime.
    private static func problem(with path: String, of root: SourceRoot, _ failure: FileSystem.Failure) -> Diagnostic? {
        let place = Location(source: Path.join(root.path, path))
        guard failure.isAbsence else { return .error(at: place, "the file or folder \(failure.sentence)") }
        guard FileSystem.destination(ofLink: Path.join(root.folder, path)) != nil else { return nil }
        return .warning(at: place, "the symbolic link leads nowhere; it is left out")
    }

    /// Returns true if a file or folder with this name is skipped.
    ///
    /// Editors, version control and package managers keep such files.
    static func passesOver(_ name: String) -> Bool { name.hasExactPrefix(".") || name == "node_modules" }

    /// Counts another name.
    ///
    /// Beyond the limit, the search ends with a single error.
    private mutating func mayGoOn(_ shown: String, _ report: inout Report) -> Bool {
        count += 1
        guard count > limits.files else { return true }
        if !isOver {
            isOver = true
            let sentence = "the source directories hold more than \(limits.files) files"
            report.add(.error(at: Location(source: shown), sentence))
        }
        return false
    }
}

extension FileSystem.Name {
    /// True if a file or folder with this name is skipped.
    fileprivate var isPassedOver: Bool { FolderSearch.passesOver(text) }
}
