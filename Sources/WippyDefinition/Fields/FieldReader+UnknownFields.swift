import WippyText

extension FieldReader {
    /// Ends the reading, and returns all diagnostics about the fields, including unknown fields.
    ///
    /// Missing fields come last, in the order of the calls. If a misspelt field explains a missing field, the missing
    /// field is not reported.
    public func finish() -> [Diagnostic] {
        guard let root else { return [] }
        // Most entries have no error, and there may be very many entries.
        if problems.missing.isEmpty, map.closedMaps.isEmpty, root.data.isMap, knowsAllThatIsWritten {
            return problems.found
        }
        let data = root.data
        let known = descriptions.map { ExactText($0.path) } + map.olderNames.values.sorted()
        var search = UnknownFields(known: known, flatMaps: map.flatMaps, root: root)
        let takesEverything = descriptions.contains { $0.path == Self.anyPath }
        if data.isNull || data.isMap {
            if !takesEverything { search.visit(data, below: "") }
        } else if !takesEverything, descriptions.contains(where: { !$0.path.hasExactPrefix("meta.") }) {
            return problems.found + [
                root.problem(.error, at: data.location, "'\(root.mapName)' must be a map, got \(data.found)")
            ]
        }
        if let meta = root.meta {
            search.visitMeta(meta, missing: problems.missing.lazy.flatMap(\.fields), closed: map.closedMaps)
        }
        let unexplained = problems.missing.filter { search.suggested.isDisjoint(with: $0.fields) }
        let blocked = unexplained.filter { missing in
            !search.misshapen.contains { map in missing.fields.contains { $0.string.hasExactPrefix("\(map).") } }
        }
        return problems.found + search.problems + blocked.map(\.problem)
    }

    /// Reads the fields of a map in `meta` whose unknown fields are reported.
    ///
    /// Elsewhere in `meta`, an unknown field is reported only if its name resembles the name of a missing field.
    ///
    /// - Parameters:
    ///   - path: the path of the map, such as `meta.options`.
    ///   - read: reads the fields.
    public mutating func closed<Value>(_ path: String, _ read: (inout FieldReader) -> Value) -> Value {
        if map.pair(at: path) != nil { map.closedMaps.insert(ExactText(path)) }
        return nested(path, read)
    }

    /// True if every key at the top of the map is a field that was read, or names the variable of such a field, as
    /// `addr_env` does for `addr`.
    ///
    /// It is false for a reader that only describes fields, and for a map with a dot in one of its keys. Fields that
    /// only ``everything(as:_:)`` has read do not count.
    public var knowsAllThatIsWritten: Bool {
        guard let root else { return false }
        return root.data.pairs.allSatisfy { pair in
            let key = pair.key.string
            let field = root.hasVariableFields ? Self.field(takenFrom: key) : key
            let isRead = descriptions.contains {
                ExactText.areEqual($0.path, key) || ExactText.areEqual($0.path, field)
            }
            return (isRead || map.olderNames.values.contains(pair.key))
                && !key.utf8.contains(UInt8(ascii: "."))
        }
    }
}

/// Finds the keys that no call has read.
private struct UnknownFields {
    private let leaves: Set<ExactText>
    /// The fields that name variables for ``leaves``, such as `addr_env`; empty if such fields have no effect.
    private let variableFields: Set<ExactText>
    private let groups: [ExactText: [ExactText]]
    private let flatMaps: Set<ExactText>
    private let root: FieldRoot
    private var rule: UnknownFieldRule
    /// The places of the options that were found in ``flatMaps``.
    private var options: [ExactText: Location] = [:]
    var problems: [Diagnostic] = []
    var suggested: Set<ExactText> = []
    var misshapen: Set<ExactText> = []

    init(known: [ExactText], flatMaps: Set<ExactText>, root: FieldRoot) {
        self.flatMaps = flatMaps
        self.root = root
        rule = root.unknownFields
        leaves = Set(known)
        variableFields =
            root.hasVariableFields ? Set(known.map { ExactText(FieldReader.variableField(of: $0.string)) }) : []
        var groups: [ExactText: [ExactText]] = ["": []]
        for path in known {
            var parent: ExactText = ""
            for part in Self.parts(of: path) {
                let child = Self.path(part, below: parent)
                if groups[parent]?.contains(child) != true { groups[parent, default: []].append(child) }
                parent = child
            }
        }
        self.groups = groups
    }

    mutating func visit(_ node: Node, below parent: ExactText) {
        for pair in node.pairs {
            let path = Self.path(pair.key, below: parent)
            if pair.key.string.unicodeScalars.contains(".") {
                reportDotted(path, pair)
                continue
            }
            if leaves.contains(path) || variableFields.contains(path) { continue }
            if groups[path] == nil {
                report(path, pair, siblings: groups[parent] ?? [])
            } else {
                visitMap(path, pair.value)
            }
        }
    }

    /// Visits the value of a field that has further fields, and reports a value that is not a map.
    private mutating func visitMap(_ path: ExactText, _ value: Node) {
        if value.structured.isMap {
            if flatMaps.contains(path) {
                let names = leaves.filter { $0.string.hasExactPrefix("\(path).") }.sorted()
                visitFlat(value.structured, below: path, among: names)
            } else {
                visit(value.structured, below: path)
            }
        } else if !value.isNull {
            misshapen.insert(path)
            let sentence = "'\(root.name)\(path)' must be a map, got \(value.found)"
            problems.append(root.problem(.error, at: value.location, sentence))
        }
    }

    /// Visits a map whose keys are whole names.
    ///
    /// A nested map gives a name in parts, as `-o` does.
    private mutating func visitFlat(_ node: Node, below parent: ExactText, among names: [ExactText]) {
        for pair in node.pairs {
            let path = Self.path(pair.key, below: parent)
            if leaves.contains(path) {
                noteOption(path, pair)
                continue
            }
            let value = pair.value.structured
            if value.isMap, names.contains(where: { $0.string.hasExactPrefix("\(path).") }) {
                visitFlat(value, below: path, among: names)
            } else {
                report(path, pair, siblings: names)
            }
        }
    }

    /// Adds a warning for an option without a value, and an error for an option that is written both whole and in
    /// parts.
    private mutating func noteOption(_ path: ExactText, _ pair: Node.Pair) {
        if pair.value.isNull {
            let sentence = "'\(path)' has no value, so it has no effect; give it a value or remove it"
            problems.append(root.problem(.warning, at: pair.keyLocation, sentence))
        }
        let place = pair.keyLocation
        // A value from `-o` or from the settings replaces the value in the entry's file.
        guard let first = options.updateValue(place, forKey: path), first.source == place.source else { return }
        problems.append(
            root.problem(.error, at: place, "'\(path)' is written twice, first at \(first)").naming(first))
    }

    /// Visits `meta`, in which any key is allowed, except below a closed map.
    ///
    /// Otherwise only a misspelling of a missing field is reported.
    mutating func visitMeta(_ node: Node, missing: some Sequence<ExactText>, closed: Set<ExactText>) {
        let wanted = missing.filter { $0.string.hasExactPrefix("meta.") }.sorted()
        for pair in node.pairs {
            let path = Self.path(pair.key, below: DefinitionFrame.meta.key)
            if closed.contains(path) {
                rule = .errorIfMisspelt
                defer { rule = root.unknownFields }
                visitMap(path, pair.value)
            }
            guard !leaves.contains(path), !variableFields.contains(path),
                let nearest = Spelling.nearest(to: path, among: wanted)
            else { continue }
            report(path, pair, siblings: [nearest])
        }
    }

    private mutating func report(_ path: ExactText, _ pair: Node.Pair, siblings: [ExactText]) {
        let candidates = siblings.filter { $0 != DefinitionFrame.meta.key }
        let field = ExactText(FieldReader.field(takenFrom: path.string))
        let namesVariable = root.hasVariableFields && field != path
        let nearest =
            Spelling.nearest(to: path, among: candidates)
            ?? (namesVariable ? Spelling.nearest(to: field, among: candidates) : nil)
        let meant = nearest ?? sameNameElsewhere(pair.key, not: path)
        let known = meant.map { namesVariable ? FieldReader.variableField(of: $0.string) : $0.string }
        guard let problem = rule.problem(with: root.name + path.string, isMisspelt: nearest != nil) else {
            return
        }
        // A warning does not explain an error.
        if let meant, problem.severity == .error { suggested.insert(meant) }
        let help = Spelling.suggestion(known.map { root.name + $0 })
        problems.append(
            root.problem(problem.severity, at: pair.keyLocation, problem.sentence + help)
                .replacing(with: known.flatMap { key(leadingTo: $0, besides: pair.key, at: path) }))
    }

    /// Reports a key such as `timeouts.header`, which has the form that a path has in messages and options.
    private mutating func reportDotted(_ path: ExactText, _ pair: Node.Pair) {
        let key = pair.key.string
        guard leaves.contains(path), let dot = key.unicodeScalars.lastIndex(of: ".") else {
            return report(path, pair, siblings: [])
        }
        let help = "write '\(key[dot...].dropFirst())' below '\(key[..<dot])'"
        suggested.insert(path)
        problems.append(root.problem(.error, at: pair.keyLocation, "unknown field '\(root.name)\(path)'; \(help)"))
    }

    /// Returns a field with the same name, one level higher or lower.
    private func sameNameElsewhere(_ key: ExactText, not path: ExactText) -> ExactText? {
        let depth = Self.parts(of: path).count
        return leaves.filter { candidate in
            let parts = Self.parts(of: candidate)
            return parts.last == key && abs(parts.count - depth) == 1
        }.min()
    }

    private static func parts(of path: ExactText) -> [ExactText] {
        path.string.unicodeScalars.split(separator: ".").map { ExactText(String($0)) }
    }

    /// Returns the key that leads to a path from the map of another key; nil if the path is in another map.
    ///
    /// - Parameters:
    ///   - key: the other key.
    ///   - place: the path to which the other key leads.
    private func key(leadingTo path: String, besides key: ExactText, at place: ExactText) -> String? {
        let parent = String(decoding: place.string.utf8.dropLast(key.string.utf8.count), as: UTF8.self)
        guard path.hasExactPrefix(parent) else { return nil }
        let rest = path.dropping(parent)
        let isFlat = flatMaps.contains { ExactText.areEqual("\($0).", parent) }
        return isFlat || !rest.unicodeScalars.contains(".") ? rest : nil
    }

    private static func path(_ key: ExactText, below parent: ExactText) -> ExactText {
        parent.string.isEmpty ? key : ExactText("\(parent).\(key)")
    }
}
