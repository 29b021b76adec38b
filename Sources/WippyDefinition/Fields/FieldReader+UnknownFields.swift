extension FieldReader {
    /// Ends the reading: everything that is wrong with the fields, unknown ones included.
    ///
    /// A missing field that a misspelt one explains is not reported again.
    public func finish() -> [Diagnostic] {
        guard let declaration else { return [] }
        var search = UnknownFields(known: descriptions.map(\.path), entry: declaration.id, isLenient: isLenient)
        let data = declaration.data
        let takesEverything = descriptions.contains { $0.path == Self.anyPath }
        if data.isNull || data.isMap {
            if !takesEverything { search.visit(data, below: "") }
        } else if !takesEverything, descriptions.contains(where: { !$0.path.hasPrefix("meta.") }) {
            let sentence = "'data' must be a map, got \(data.found)"
            return problems + [.error(at: data.location, entry: declaration.id, sentence)]
        }
        search.visitMeta(declaration.meta, missing: missing)
        let unexplained = missing.filter { !search.suggested.contains($0.key) }
        let blocked = unexplained.filter { field in !search.misshapen.contains { field.key.hasPrefix($0 + ".") } }
        return problems + search.problems + blocked.values
    }
}

/// Looks for keys that no call has read.
private struct UnknownFields {
    private let leaves: Set<String>
    private let groups: [String: [String]]
    private let entry: EntryID
    private let isLenient: Bool
    var problems: [Diagnostic] = []
    var suggested: Set<String> = []
    var misshapen: Set<String> = []

    init(known: [String], entry: EntryID, isLenient: Bool) {
        self.entry = entry
        self.isLenient = isLenient
        leaves = Set(known)
        var groups: [String: [String]] = ["": []]
        for path in known {
            var parent = ""
            for part in path.split(separator: ".") {
                let child = parent.isEmpty ? String(part) : "\(parent).\(part)"
                if groups[parent]?.contains(child) != true { groups[parent, default: []].append(child) }
                parent = child
            }
        }
        self.groups = groups
    }

    mutating func visit(_ node: Node, below parent: String) {
        for pair in node.pairs {
            let path = parent.isEmpty ? pair.key : "\(parent).\(pair.key)"
            if pair.key.contains(".") {
                reportDotted(path, pair)
                continue
            }
            if leaves.contains(path) { continue }
            if groups[path] == nil {
                report(path, pair, siblings: groups[parent] ?? [])
            } else if case .mapping = pair.value.content {
                visit(pair.value, below: path)
            } else if !pair.value.isNull {
                misshapen.insert(path)
                problems.append(
                    .error(at: pair.value.location, entry: entry, "'\(path)' must be a map, got \(pair.value.found)"))
            }
        }
    }

    /// `meta` is the user's own: there only the near miss of a field that is missing is a mistake.
    mutating func visitMeta(_ node: Node, missing: [String: Diagnostic]) {
        let wanted = missing.keys.filter { $0.hasPrefix("meta.") }.sorted()
        for pair in node.pairs where !leaves.contains("meta.\(pair.key)") {
            let path = "meta.\(pair.key)"
            guard let nearest = Spelling.nearest(to: path, among: wanted) else { continue }
            report(path, pair, siblings: [nearest])
        }
    }

    private mutating func report(_ path: String, _ pair: Node.Pair, siblings: [String]) {
        var message = "unknown field '\(path)'"
        var severity = isLenient ? Diagnostic.Severity.warning : .error
        if let nearest = Spelling.nearest(to: path, among: siblings.filter { $0 != "meta" }) {
            suggested.insert(nearest)
            message += "; did you mean '\(nearest)'?"
            severity = .error
        } else if let elsewhere = sameNameElsewhere(pair.key, not: path) {
            suggested.insert(elsewhere)
            message += "; did you mean '\(elsewhere)'?"
        }
        problems.append(Diagnostic(severity, at: pair.keyLocation, entry: entry, message))
    }

    /// `timeouts.header` as one key: only messages and options write a path so.
    private mutating func reportDotted(_ path: String, _ pair: Node.Pair) {
        guard leaves.contains(path), let dot = pair.key.lastIndex(of: ".") else {
            return report(path, pair, siblings: [])
        }
        let help = "write '\(pair.key[pair.key.index(after: dot)...])' below '\(pair.key[..<dot])'"
        suggested.insert(path)
        problems.append(.error(at: pair.keyLocation, entry: entry, "unknown field '\(path)'; \(help)"))
    }

    /// A field of the same name one level up or down.
    private func sameNameElsewhere(_ key: String, not path: String) -> String? {
        let depth = path.split(separator: ".").count
        return leaves.filter { candidate in
            let parts = candidate.split(separator: ".")
            return parts.last.map(String.init) == key && abs(parts.count - depth) == 1
        }.min()
    }
}
