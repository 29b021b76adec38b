import WippyText
public import WippyValues

/// The changes that code has made to the entries of the files while the application runs.
public struct EntryChanges: Sendable, Equatable {
    /// The entries that code declares, each as an element of a file's `entries`.
    private var written: [EntryID: Value] = [:]
    private var removed: Set<EntryID> = []

    /// Creates a value without changes.
    public init() {}

    /// Declares an entry.
    ///
    /// It replaces a declaration of the same id in the files or by code.
    ///
    /// - Parameters:
    ///   - id: the id of the entry.
    ///   - kind: its kind.
    ///   - meta: its `meta`, or null.
    ///   - data: its other fields, without `name`, `kind` and `meta`.
    public mutating func write(_ id: EntryID, kind: String, meta: Value, data: Value) {
        removed.remove(id)
        var entry: ValueMap = ["name": .string(id.name), "kind": .string(kind)]
        if !meta.isNull { entry["meta"] = meta }
        entry["data"] = data.isNull ? .map(ValueMap()) : data
        written[id] = .map(entry)
    }

    /// Removes an entry, whether the files or code have declared it.
    public mutating func remove(_ id: EntryID) {
        written[id] = nil
        removed.insert(id)
    }

    /// Whether what the files declare under an id does not count.
    func replaces(_ id: EntryID) -> Bool { written[id] != nil || removed.contains(id) }

    /// The entries as definition files, one for each namespace.
    var files: [SourceFile] {
        Dictionary(grouping: written, by: { ExactText($0.key.namespace) }).sorted { $0.key < $1.key }
            .map { namespace, entries in
                let elements = entries.sorted { $0.key < $1.key }.map(\.value)
                let file: Value = ["namespace": .string(namespace.string), "entries": .list(elements)]
                return SourceFile(path: "\(Self.folder)\(namespace).json", text: JSON.text(of: file))
            }
    }

    /// Whether a file is one of these.
    func wrote(_ location: Location) -> Bool { location.source.hasExactPrefix(Self.folder) }

    /// Stands for a folder in the paths of the files, which are on no disk.
    private static let folder = "(registry)/"
}
