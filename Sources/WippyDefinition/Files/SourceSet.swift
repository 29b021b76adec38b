import WippyText

/// The texts of a project: its definition files, and the files that say what it is.
///
/// Each is read once.
public struct SourceSet: Sendable {
    /// A file that may declare entries.
    struct DefinitionFile: Sendable {
        let source: SourceFile
        let root: SourceRoot
        /// The folder it stands in, on the disk.
        let folder: String
    }

    /// The files that may declare entries, in the order in which they are read.
    private(set) var files: [DefinitionFile] = []

    /// The limits that the files were read under.
    let limits: SourceLimits

    /// How many bytes have been read.
    private(set) var bytes = 0

    private var texts: [ExactText: SourceFile] = [:]

    /// Reads every `.yaml`, `.yml` and `.json` file below the project's source folders.
    ///
    /// Folders are searched in lexical order, the project's own first, then replacements, then modules. Links are
    /// followed; no file and no folder is read twice. `node_modules` is left out. A file that cannot be read is an
    /// error in the report.
    public init(_ project: Project, limits: SourceLimits = .standard, report: inout Report) {
        self.limits = limits
        for file in project.files { texts[ExactText(file.path)] = file }
        var search = FolderSearch(limits: limits)
        for (index, root) in project.roots.enumerated() {
            let others = project.roots.enumerated().filter { $0.offset != index }.map(\.element)
            for file in search.files(in: root, leavingOut: others, report: &report) {
                read(file.path, of: root, at: file.folder, report: &report)
            }
        }
    }

    /// The file with a path as a location's source gives it; nil when that is no file that was read.
    public subscript(path: String) -> SourceFile? { texts[ExactText(path)] }

    private mutating func read(_ path: String, of root: SourceRoot, at folder: String, report: inout Report) {
        let name = path.unicodeScalars.split(separator: "/").last.map(String.init) ?? ""
        do throws(FileSystem.Failure) {
            let text = try FileSystem.text(of: Path.join(folder, name), limit: limits.fileBytes)
            bytes += text.utf8.count
            guard bytes <= limits.totalBytes else {
                let total = ByteCount(limits.totalBytes).written
                throw FileSystem.Failure(sentence: "is left out: the files hold more than \(total) together")
            }
            let file = SourceFile(path: path, text: text)
            texts[ExactText(path)] = file
            files.append(DefinitionFile(source: file, root: root, folder: folder))
        } catch {
            report.add(error.diagnostic(for: path))
        }
    }
}

/// Finds definition files below folders.
private struct FolderSearch {
    let limits: SourceLimits
    private var seen: Set<FileSystem.Identity> = []
    private var count = 0
    private var isOver = false
    private var found: [(path: String, folder: String)] = []

    init(limits: SourceLimits) {
        self.limits = limits
    }

    /// The files of one root, in lexical order: each as people see it, and the folder it stands in.
    mutating func files(
        in root: SourceRoot, leavingOut others: [SourceRoot], report: inout Report
    ) -> [(path: String, folder: String)] {
        found = []
        let outside = Set(others.compactMap { FileSystem.status($0.folder)?.identity })
        guard let status = FileSystem.status(root.folder), seen.insert(status.identity).inserted else { return [] }
        search(root.folder, shown: root.path, depth: 1, leavingOut: outside, report: &report)
        return found
    }

    private mutating func search(
        _ folder: String, shown: String, depth: Int, leavingOut outside: Set<FileSystem.Identity>,
        report: inout Report
    ) {
        guard depth <= limits.depth else {
            report.add(.error(at: Location(source: shown), "folders nest deeper than \(limits.depth) levels"))
            return
        }
        do throws(FileSystem.Failure) {
            for name in try FileSystem.names(in: folder) where name != "node_modules" {
                guard mayGoOn(shown, &report) else { return }
                let path = Path.join(shown, name)
                let isDefinition = ["yaml", "yml", "json"].contains(Path.fileExtension(name))
                guard let status = FileSystem.status(Path.join(folder, name)) else {
                    if isDefinition { found.append((path, folder)) }
                    continue
                }
                if status.kind == .folder {
                    guard !outside.contains(status.identity), seen.insert(status.identity).inserted else { continue }
                    let below = Path.join(folder, name)
                    search(below, shown: path, depth: depth + 1, leavingOut: outside, report: &report)
                } else if isDefinition, seen.insert(status.identity).inserted {
                    found.append((path, folder))
                }
            }
        } catch {
            report.add(.error(at: Location(source: shown), "the folder \(error.sentence)"))
        }
    }

    /// Counts one more name; past the limit the search ends with one error.
    private mutating func mayGoOn(_ shown: String, _ report: inout Report) -> Bool {
        count += 1
        guard count > limits.files else { return true }
        if !isOver {
            isOver = true
            report.add(.error(at: Location(source: shown), "the source folders hold more than \(limits.files) files"))
        }
        return false
    }
}
