import WippyText

/// The map that a ``FieldReader`` reads, and the names that its fields can have.
struct FieldMap {
    /// The map itself; nil if the reader only describes fields.
    var root: FieldRoot?

    /// The maps in which a key with dots is the whole name of a field.
    var flatMaps: Set<ExactText> = []

    /// The maps in `meta` whose unknown fields are reported.
    var closedMaps: Set<ExactText> = []

    /// The names of fields in older projects, by their present names.
    var olderNames: [ExactText: ExactText] = [:]

    /// Returns the key and the value of a field, under its present name or its older one; nil if the field is missing.
    func pair(at path: String) -> Node.Pair? {
        find(path) ?? olderNames[ExactText(path)].flatMap { find($0.string) }
    }

    /// Returns the name that the map uses for a field.
    func writtenName(of path: String) -> String {
        let older = olderNames[ExactText(path)].flatMap {
            find(path) == nil && find($0.string) != nil ? $0.string : nil
        }
        return root?.name(of: older ?? path) ?? path
    }

    func find(_ path: String) -> Node.Pair? {
        guard let root else { return nil }
        if let (map, name) = flatMap(holding: path) { return find(map)?.value.option(named: name) }
        let names = path.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        var parts = names.map { ExactText(String($0)) }[...]
        var node = root.data
        if let meta = root.meta, parts.first == DefinitionFrame.meta.key {
            node = meta
            parts = parts.dropFirst()
        }
        var pair: Node.Pair?
        for part in parts {
            guard let next = (pair?.value ?? node).structured.pair(part.string) else { return nil }
            pair = next
        }
        return pair
    }

    /// Returns the flat map that holds a path, and the rest of the path; nil if no flat map holds it.
    func flatMap(holding path: String) -> (map: String, name: String)? {
        for map in flatMaps where path.hasExactPrefix("\(map).") { return (map.string, path.dropping("\(map).")) }
        return nil
    }
}
