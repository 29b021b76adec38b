import WippyText

/// The folders in which a change may change the project.
///
/// The paths of the folders have no links. If a path leads over a link, the link's own folder is watched too, so that a
/// link that points elsewhere is noticed; a Kubernetes `ConfigMap` changes its files so. For a missing file, the folder
/// that it would be in is watched.
public struct WatchedFolders: Sendable {
    /// What counts in a folder.
    private struct Folder {
        /// These names.
        var names: Set<ExactText> = []
        /// Whether definition files and further folders may come.
        var isSearched = false
    }

    private var folders: [ExactText: Folder] = [:]

    /// The folders, each after the folder that contains it.
    public var paths: [String] { folders.keys.sorted().map(\.string) }

    /// The folders of a project.
    ///
    /// - Parameter texts: where the texts of `file://` values were looked for.
    package init(of project: Project, _ sources: SourceSet, texts: [String]) {
        guard let base = FileSystem.realPath(project.directory) else { return }
        for path in project.places + sources.links + texts { follow(path, from: base) }
        for path in sources.folders {
            guard let folder = follow(path, from: base) else { continue }
            folders[ExactText(folder), default: Folder()].isSearched = true
        }
    }

    /// Whether a change in a folder may change the project.
    ///
    /// - Parameters:
    ///   - name: the changed name in the folder; nil for the folder itself.
    ///   - path: the folder's path.
    public func concern(_ name: String?, in path: String) -> Bool {
        guard let folder = folders[ExactText(path)] else { return false }
        guard let name, !folder.names.contains(ExactText(name)) else { return true }
        guard folder.isSearched, !FolderSearch.passesOver(name) else { return false }
        let ending = Path.fileExtension(name).lowercasedASCII
        return FolderSearch.extensions.contains(ending)
            || FileSystem.status(Path.join(path, name))?.kind == .folder
    }

    /// Notes every name that a path leads over.
    ///
    /// - Returns: the path without links; nil if nothing stands there.
    @discardableResult
    private mutating func follow(_ path: String, from base: String) -> String? {
        var place = path.hasExactPrefix("/") ? "/" : base
        var rest = Self.parts(of: path)
        var linksLeft = Self.linksMax
        while let part = rest.popLast() {
            guard part != ".." else {
                place = Path.parent(place)
                continue
            }
            folders[ExactText(place), default: Folder()].names.insert(ExactText(part))
            let next = Path.join(place, part)
            if let destination = FileSystem.destination(ofLink: next) {
                guard linksLeft > 0 else { return nil }
                linksLeft -= 1
                if destination.hasExactPrefix("/") { place = "/" }
                rest += Self.parts(of: destination)
            } else if FileSystem.status(next) != nil {
                place = next
            } else {
                return nil
            }
        }
        return place
    }

    /// The parts of a path, the last one first.
    private static func parts(of path: String) -> [String] {
        path.unicodeScalars.split(separator: "/").map(String.init).filter { $0 != "." }.reversed()
    }

    /// As many links in one path as Linux follows.
    private static let linksMax = 40
}
