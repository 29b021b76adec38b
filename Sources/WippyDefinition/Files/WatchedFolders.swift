import WippyText

/// The folders to watch for changes of a project.
///
/// If the path of a file contains a symbolic link, the folder with the link is watched, too. If a file is missing, the
/// nearest folder above it is watched.
public struct WatchedFolders: Sendable {
    /// The names in a folder that concern the project.
    private struct Folder {
        /// The names of files and folders on the paths of the project's files.
        var names: Set<ExactText> = []
        /// True if new definition files and folders concern the project, too.
        var isSearched = false
    }

    private var folders: [ExactText: Folder] = [:]

    /// The paths of the folders.
    ///
    /// A folder comes before the folders inside it.
    public var paths: [String] { folders.keys.sorted().map(\.string) }

    /// Finds the folders of a project.
    ///
    /// - Parameter texts: the paths at which the texts of `file://` values were searched.
    package init(of project: Project, _ sources: SourceSet, texts: [String]) {
        guard let base = FileSystem.realPath(project.directory) else { return }
        for path in project.places + sources.links + texts { follow(path, from: base) }
        for path in sources.folders {
            guard let folder = follow(path, from: base) else { continue }
            folders[ExactText(folder), default: Folder()].isSearched = true
        }
    }

    /// Returns true if a change in a folder may change the project.
    ///
    /// - Parameters:
    ///   - name: the name that changed in the folder; nil if the folder itself changed.
    ///   - path: the path of the folder, as in ``paths``.
    public func concern(_ name: String?, in path: String) -> Bool {
        guard let folder = folders[ExactText(path)] else { return false }
        guard let name, !folder.names.contains(ExactText(name)) else { return true }
        guard folder.isSearched, !FolderSearch.passesOver(name) else { return false }
        let ending = Path.fileExtension(name).lowercasedASCII
        return FolderSearch.extensions.contains(ending)
            || FileSystem.status(Path.join(path, name))?.kind == .folder
    }

    /// Follows the symbolic links of a path, and notes every name on the way.
    ///
    /// - Returns: the path without symbolic links; nil if the path leads nowhere.
    @discardableResult
    private mutating func follow(_ path: String, from base: String) -> String? {
        var place = path.hasExactPrefix("/") ? "/" : base
        var rest = Self.parts(of: path)
        var linksLeft = Self.maxLinks
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

    /// Returns the parts of a path, the last one first.
    private static func parts(of path: String) -> [String] {
        path.unicodeScalars.split(separator: "/").map(String.init).filter { $0 != "." }.reversed()
    }

    /// The largest number of symbolic links in one path, as in Linux.
    private static let maxLinks = 40
}
