import WippyText

/// Replaces `file://` values by the texts of the files that they name.
///
/// `file://a/b.lua` is relative to the folder of the definition file, and `file:///a/b.lua` to the source directory. A
/// path that leaves the source directory by `..` or by a symbolic link is refused. Each file is read once. The limits
/// of the sources apply.
struct ValueResolver {
    private let limits: SourceLimits
    private var bytes: Int
    /// The paths at which texts were searched, including those at which none was found.
    private(set) var places: Set<ExactText> = []
    /// The number of values that named files.
    private(set) var uses = 0
    private var read: [ExactText: Result<String, FileSystem.Failure>] = [:]

    init(_ sources: SourceSet) {
        limits = sources.limits
        bytes = sources.bytes
    }

    /// Returns the node with every `file://` value replaced.
    ///
    /// Each new value keeps its place, and its origin names the file.
    mutating func resolve(
        _ node: Node, in file: SourceSet.DefinitionFile, entry: EntryID?, _ problems: inout [Diagnostic]
    ) -> Node {
        var resolved = node
        switch node.content {
        case .mapping(var pairs):
            for index in pairs.indices {
                let (key, place) = (pairs[index].key.string, pairs[index].keyLocation)
                problems += PlaceholderText.problems(in: key, at: place, entry: entry)
                pairs[index].value = resolve(pairs[index].value, in: file, entry: entry, &problems)
            }
            resolved.content = .mapping(pairs)
        case .sequence(var elements):
            for index in elements.indices {
                elements[index] = resolve(elements[index], in: file, entry: entry, &problems)
            }
            resolved.content = .sequence(elements)
        case .scalar(let scalar) where scalar.isText && scalar.text.hasExactPrefix("file://"):
            uses += 1
            do throws(FileSystem.Failure) {
                let path = try path(of: scalar.text.dropping("file://"), in: file)
                let text = try text(at: path.disk)
                resolved = Node(.scalar(Scalar(text, style: .quoted)), at: node.location, origin: .file(path.shown))
            } catch {
                let sentence = "\(scalar.found) \(error.sentence)"
                problems.append(.error(at: node.location, entry: entry, sentence))
            }
        case .scalar(let scalar):
            let mayNameFiles = scalar.style == .external && scalar.text.containsExactly("file://")
            let structure = mayNameFiles ? node.structured : node
            if structure.scalar == nil { resolved = resolve(structure, in: file, entry: entry, &problems) }
        }
        return resolved
    }

    /// Returns true if a `file://` value named this definition file.
    ///
    /// Such a file has a use, even if it declares no entries.
    func hasRead(_ file: SourceSet.DefinitionFile) -> Bool {
        read[ExactText(Path.join(file.root.folder, file.path))] != nil
    }

    /// Returns the path of a file on the disk, and the path that users see.
    private mutating func path(
        of reference: String, in file: SourceSet.DefinitionFile
    ) throws(FileSystem.Failure) -> (disk: String, shown: String) {
        let isRooted = reference.hasExactPrefix("/")
        let named = String(reference.unicodeScalars.drop { $0 == "/" })
        guard !named.isEmpty else { throw FileSystem.Failure(sentence: "does not name a file") }
        guard !named.containsExactly("${") else {
            throw FileSystem.Failure(sentence: "cannot hold '${': files are read before variables")
        }
        guard !named.hasExactPrefix("~") else {
            throw FileSystem.Failure(sentence: "cannot begin with '~', which does not stand for a home folder here")
        }
        let path = Path.join(isRooted ? "." : Path.parent(file.path), named)
        let leaving = FileSystem.Failure(sentence: "leads out of the source directory '\(file.root.path)'")
        guard !Path.isAbove(path) else { throw leaving }
        let disk = Path.join(file.root.folder, path)
        let shown = Path.join(file.root.path, path)
        places.insert(ExactText(shown))
        if let real = FileSystem.realPath(disk), let root = FileSystem.realPath(file.root.folder) {
            guard Path.isInside(real, root) else { throw leaving }
        }
        return (disk, shown)
    }

    private mutating func text(at path: String) throws(FileSystem.Failure) -> String {
        let key = ExactText(path)
        if let known = read[key] { return try known.get() }
        let result: Result<String, FileSystem.Failure>
        do throws(FileSystem.Failure) {
            let text = try FileSystem.text(of: path, limit: limits.fileBytes)
            bytes += text.utf8.count
            let total = ByteCount(limits.totalBytes).written
            result =
                bytes <= limits.totalBytes
                ? .success(text)
                : .failure(FileSystem.Failure(sentence: "is left out: the files hold more than \(total) together"))
        } catch {
            result = .failure(error)
        }
        read[key] = result
        return try result.get()
    }
}
