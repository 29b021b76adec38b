import WippyText
public import WippyValues

/// What code has changed, while its application runs, of what the project's files declare.
public struct EntryChanges: Sendable, Equatable {
    /// The entries that code declares, each as an element of a file's `entries`.
    private var written: [EntryID: Value] = [:]
    private var removed: Set<EntryID> = []

    /// Creates it without any.
    public init() {}

    /// Declares an entry, in the place of what the files or code have declared under its id.
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

    /// Takes an entry away, whoever has declared it.
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
