import WippyText
public import WippyValues

/// The changes that code has made to the entries of a running application.
///
/// They take precedence over the definition files. Overrides are applied after them.
public struct EntryChanges: Sendable, Equatable {
    /// The entries that code declares, each in the form of an element of `entries`.
    private var written: [EntryID: Value] = [:]
    private var removed: Set<EntryID> = []

    /// Creates an empty collection of changes.
    public init() {}

    /// Declares an entry.
    ///
    /// The declaration replaces any other declaration of the same id, from the files or from code.
    ///
    /// - Parameters:
    ///   - id: the id of the entry.
    ///   - kind: the kind of the entry.
    ///   - meta: the map `meta` of the entry; null for none.
    ///   - data: the entry's fields except `name`, `kind` and `meta`; null for none.
    public mutating func write(_ id: EntryID, kind: String, meta: Value, data: Value) {
        removed.remove(id)
        typealias Frame = DefinitionFrame
        var entry = ValueMap()
        entry[Frame.name.key.string] = .string(id.name)
        entry[Frame.kind.key.string] = .string(kind)
        if !meta.isNull { entry[Frame.meta.key.string] = meta }
        entry[Frame.data.key.string] = data.isNull ? .map(ValueMap()) : data
        written[id] = .map(entry)
    }

    /// Removes an entry that the files or code have declared.
    public mutating func remove(_ id: EntryID) {
        written[id] = nil
        removed.insert(id)
    }

    /// Returns true if the changes replace or remove the declaration of an id in the files.
    func replaces(_ id: EntryID) -> Bool { written[id] != nil || removed.contains(id) }

    /// The declared entries as definition files, one for each namespace.
    var files: [SourceFile] {
        Dictionary(grouping: written, by: { ExactText($0.key.namespace) }).sorted { $0.key < $1.key }
            .map { namespace, entries in
                let elements = entries.sorted { $0.key < $1.key }.map(\.value)
                let file: Value = ["namespace": .string(namespace.string), "entries": .list(elements)]
                return SourceFile(path: "\(Self.folder)\(namespace).json", text: JSON.text(of: file))
            }
    }

    /// Returns true if the file with this path is one of the ``files`` of any changes.
    static func wrote(_ path: String) -> Bool { path.hasExactPrefix(folder) }

    /// The number of levels of lists and maps around `meta` and the fields of an entry in ``files``.
    package static let levelsAroundFields = 3

    /// The folder in the paths of ``files``, which are not on a disk.
    private static let folder = "(registry)/"
}
