import WippyText

/// Reads the entries of one definition file.
///
/// A file is a map with a `namespace` and a list of `entries`, or a single entry with `name` and `kind` beside the
/// `namespace`. A file with none of these keys belongs to another program and declares nothing. A JSON file, which any
/// program may have written, declares entries only if it has the whole form. The keys `version` and `requirements` are
/// not read.
struct EntryFileReader {
    private(set) var entries: [EntryDeclaration] = []

    /// For each element of the list, the declaration that stays valid while the element's text is the same.
    ///
    /// It is nil if the declaration depends on more than the text, or if there are diagnostics about the element.
    private(set) var settled: [EntryDeclaration?] = []

    /// The declared entries that have no kind.
    private(set) var brokenEntries: Set<EntryID> = []

    private(set) var problems: [Diagnostic] = []

    /// The resolver of `file://` values, with the texts that it has read for this file.
    private(set) var values: ValueResolver

    private let file: SourceSet.DefinitionFile
    /// For each element, the declaration from the last reading; nil if the element must be read.
    private let known: [EntryDeclaration?]
    private var isSettled = true
    private var namespace = ""
    private var meta: [Node.Pair] = []

    private typealias Frame = DefinitionFrame

    private static let keysOfFile = Frame.ofFile.map(\.key)
    private static let keysOfEntry = Frame.ofEntry.map(\.key)

    /// Creates a reader.
    ///
    /// - Parameter known: for each element, the declaration from the last reading; nil if the element must be read.
    init(_ file: SourceSet.DefinitionFile, values: ValueResolver, knowing known: [EntryDeclaration?] = []) {
        self.file = file
        self.known = known
        self.values = values
    }

    /// Reads the content of the file.
    ///
    /// - Returns: true if the file is a definition file. If it is false, ``problems`` have the reason.
    mutating func read(_ root: Node) -> Bool {
        if file.source.path.namesJSON, !root.declares {
            readForeignJSON(root)
            return false
        }
        guard let namespace = root[Frame.namespace] else { return readStranger(root) }
        guard let text = word(namespace, Frame.namespace) else { return true }
        self.namespace = text
        let uses = values.uses
        meta = metaPairs(of: root, Frame.sharedMeta, entry: nil)
        isSettled = values.uses == uses
        switch root[Frame.entries]?.content {
        case .sequence(let elements)? where !elements.isEmpty:
            warnOfExtraKeys(root)
            for (index, element) in elements.enumerated() { readElement(element, index) }
        case .mapping?:
            problems.append(
                .error(at: place(of: Frame.entries, in: root), "'\(Frame.entries)' must be a list, got a map"))
        case .scalar(let scalar)? where scalar.value != .null:
            problems.append(
                .error(at: place(of: Frame.entries, in: root), "'\(Frame.entries)' must be a list, got \(scalar.found)")
            )
        default: readSingle(root)
        }
        return true
    }

    private func place(of field: FrameField, in root: Node) -> Location { root[field]?.location ?? root.location }

    /// Reads a JSON file that does not have the form of a definition file.
    ///
    /// If the file was perhaps meant as a definition file, a warning is added.
    private mutating func readForeignJSON(_ root: Node) {
        let signs = root.pairs.filter {
            $0.key == Frame.namespace.key || ($0.key == Frame.entries.key && root.hasKinds)
        }
        if let sign = signs.first {
            let misspelt = root.misspelt([Frame.namespace, Frame.entries]).first
            let help = misspelt.map { "; did you mean '\($0.meant)' by '\($0.pair.key)'?" } ?? ""
            let form =
                "a definition file has a '\(Frame.namespace)', which is a string, and '\(Frame.entries)', each with a "
                + "'\(Frame.kind)'"
            // The suggestion is about another key than the one at the place.
            problems.append(
                .warning(at: sign.keyLocation, "the file is left out: \(form)\(help)")
                    .naming(misspelt.map { [$0.pair.keyLocation] } ?? []))
        } else {
            warnOfNothing(root)
        }
    }

    /// Reads a file without a namespace.
    ///
    /// If the file seems to be a definition file, an error is added.
    ///
    /// - Returns: true if the file seems to be a definition file.
    private mutating func readStranger(_ root: Node) -> Bool {
        let misspelt = root.misspelt([Frame.namespace, Frame.entries])
        let hasEntries =
            root[Frame.entries] != nil
            || misspelt.contains { $0.meant == Frame.entries.key && $0.pair.value.isList }
        let isEntry = root[Frame.name] != nil && root[Frame.kind] != nil
        if hasEntries || (isEntry && misspelt.contains { $0.meant == Frame.namespace.key }) {
            for (pair, meant) in misspelt { reportMisspelt(pair, for: meant) }
            if !misspelt.contains(where: { $0.meant == Frame.namespace.key }) {
                let place = root.pair(Frame.entries) ?? misspelt.first?.pair
                reportMissing(Frame.namespace, at: place?.keyLocation ?? root.location)
            }
            return true
        }
        warnOfNothing(root)
        return false
    }

    /// Adds a warning for a file that is not a map, or that is an entry without a namespace.
    private mutating func warnOfNothing(_ root: Node) {
        if !root.isMap, !root.isNull {
            let form = "a definition file is a map with '\(Frame.namespace)' and '\(Frame.entries)', got \(root.found)"
            problems.append(.warning(at: root.location, "the file declares nothing: \(form)"))
        } else if let name = root.pair(Frame.name), root[Frame.kind] != nil {
            let sentence =
                "the file declares nothing: '\(Frame.name)' and '\(Frame.kind)' need a '\(Frame.namespace)' beside them"
            problems.append(.warning(at: name.keyLocation, sentence))
        }
    }

    private mutating func warnOfExtraKeys(_ root: Node) {
        for pair in root.pairs where !Self.keysOfFile.contains(pair.key) {
            if let nearest = Spelling.nearest(to: pair.key, among: Self.keysOfFile) {
                reportMisspelt(pair, for: nearest)
            } else {
                problems.append(.warning(at: pair.keyLocation, "'\(pair.key)' has no effect beside '\(Frame.entries)'"))
            }
        }
    }

    /// Reads a file that declares a single entry.
    private mutating func readSingle(_ root: Node) {
        if root[Frame.name] == nil, root[Frame.kind] == nil {
            if let entries = root.pair(Frame.entries) {
                problems.append(
                    .warning(at: entries.keyLocation, "the file declares nothing: '\(Frame.entries)' is empty"))
            } else if let (pair, meant) = root.misspelt([Frame.entries]).first {
                reportMisspelt(pair, for: meant)
            } else {
                reportMissing(Frame.entries, at: place(of: Frame.namespace, in: root))
            }
            return
        }
        let fields = root.pairs.filter { !Self.keysOfFile.contains($0.key) }
        readEntry(Node(.mapping(fields), at: root.location), 0)
    }

    private mutating func readElement(_ element: Node, _ index: Int) {
        guard case .mapping = element.content else {
            problems.append(
                .error(at: element.location, "'\(Frame.entries)[\(index)]' must be a map, got \(element.found)"))
            settled.append(nil)
            return
        }
        readEntry(element, index)
    }

    private mutating func readEntry(_ node: Node, _ index: Int) {
        if index < known.count, let same = known[index] {
            entries.append(same)
            settled.append(same)
            return
        }
        let (count, said, uses) = (entries.count, problems.count, values.uses)
        readNewEntry(node)
        let isSettled = isSettled && (entries.count, problems.count, values.uses) == (count + 1, said, uses)
        settled.append(isSettled ? entries.last : nil)
    }

    private mutating func readNewEntry(_ node: Node) {
        guard let nameNode = required(Frame.name, of: node, at: node.location, entry: nil),
            let name = word(nameNode, Frame.name)
        else { return }
        let id = EntryID(namespace: namespace, name: name)
        guard let kindNode = required(Frame.kind, of: node, at: nameNode.location, entry: id),
            let kind = word(kindNode, Frame.kind, entry: id)
        else {
            brokenEntries.insert(id)
            return
        }
        entries.append(
            EntryDeclaration(
                id: id, kind: kind, kindLocation: kindNode.location, location: nameNode.location,
                meta: meta(of: node, entry: id), data: data(of: node, entry: id)))
    }

    private mutating func required(
        _ field: FrameField, of node: Node, at location: Location, entry: EntryID?
    ) -> Node? {
        if let value = node[field] { return value }
        if let pair = node.pairs.first(where: { Spelling.nearest(to: $0.key, among: [field.key]) != nil }) {
            reportMisspelt(pair, for: field.key, entry: entry)
        } else {
            reportMissing(field, at: location, entry: entry)
        }
        return nil
    }

    private mutating func reportMissing(_ field: FrameField, at location: Location, entry: EntryID? = nil) {
        problems.append(.error(at: location, entry: entry, "missing field '\(field.key)': \(field.purpose)"))
    }

    private mutating func reportMisspelt(_ pair: Node.Pair, for key: ExactText, entry: EntryID? = nil) {
        problems.append(.error(at: pair.keyLocation, entry: entry, "unknown field '\(pair.key)'").suggesting(key))
    }

    /// Returns the text of a field that takes a word; nil if there is none, after an error was reported.
    private mutating func word(_ node: Node, _ field: FrameField, entry: EntryID? = nil) -> String? {
        let text = node.scalar.flatMap { $0.isText ? $0.text : nil }
        let problem: String
        if let text, !text.trimmed.isEmpty {
            problems += PlaceholderText.problems(in: text, at: node.location, entry: entry)
            guard case .wordWithoutColon = field.form, text.unicodeScalars.contains(":") else { return text }
            problem = "cannot hold a colon, got '\(text)'"
        } else {
            problem = text == nil ? "must be a string, got \(node.found)" : "cannot be blank"
        }
        problems.append(.error(at: node.location, entry: entry, "'\(field.key)' \(problem)"))
        return nil
    }

    /// Returns the value of `data`, or, without that key, a map of all keys that are the entry's own.
    private mutating func data(of node: Node, entry: EntryID) -> Node {
        guard let data = node[Frame.data] else {
            let fields = node.pairs.filter { !Self.keysOfEntry.contains($0.key) }
            return values.resolve(Node(.mapping(fields), at: node.location), in: file, entry: entry, &problems)
        }
        for pair in node.pairs where !Self.keysOfEntry.contains(pair.key) && pair.key != Frame.data.key {
            problems.append(.warning(at: pair.keyLocation, entry: entry, "'\(pair.key)' has no effect beside 'data'"))
        }
        return values.resolve(data, in: file, entry: entry, &problems)
    }

    /// Returns the `meta` of the file, in which the entry's `meta` and then the module's name and version replace
    /// values.
    private mutating func meta(of node: Node, entry: EntryID) -> Node {
        var pairs = metaPairs(of: node, Frame.meta, entry: entry)
        let own = Set(pairs.map(\.key))
        pairs += meta.filter { !own.contains($0.key) }
        if let module = file.root.module {
            let stamps: [(ExactText, String?)] = [("module", module.name), ("module_version", module.version)]
            for case (let key, let text?) in stamps {
                pairs.removeAll { $0.key == key }
                let value = Node(.scalar(Scalar(text, style: .quoted)), at: module.location)
                pairs.append(Node.Pair(key: key.string, keyLocation: module.location, value: value))
            }
        }
        return Node(.mapping(pairs), at: node[Frame.meta]?.location ?? node.location)
    }

    private mutating func metaPairs(of node: Node, _ field: FrameField, entry: EntryID?) -> [Node.Pair] {
        guard let meta = node[field], !meta.isNull else { return [] }
        guard case .mapping = meta.content else {
            let sentence = "'\(field.key)' must be a map, got \(meta.found)"
            problems.append(.error(at: meta.location, entry: entry, sentence))
            return []
        }
        return values.resolve(meta, in: file, entry: entry, &problems).pairs
    }
}

extension Node {
    /// Returns the keys that probably misspell a key that the map lacks: similar keys, and keys in capitals.
    fileprivate func misspelt(_ fields: [FrameField]) -> [(pair: Pair, meant: ExactText)] {
        let missing = fields.filter { self[$0] == nil }.map(\.key)
        return pairs.compactMap { pair in
            let lowercased = ExactText(pair.key.string.lowercasedASCII)
            let meant = missing.contains(lowercased) ? lowercased : Spelling.nearest(to: lowercased, among: missing)
            return meant.map { (pair, $0) }
        }
    }

    fileprivate var isList: Bool {
        if case .sequence = content { true } else { false }
    }

    /// True if one of the `entries` has a `kind`.
    ///
    /// Many programs write JSON, so a list with the name `entries` is not enough.
    fileprivate var hasKinds: Bool {
        guard case .sequence(let elements) = self[DefinitionFrame.entries]?.content else { return false }
        return elements.contains { $0[DefinitionFrame.kind]?.scalar?.isText == true }
    }

    /// True if the node has the form of a definition file.
    fileprivate var declares: Bool {
        guard self[DefinitionFrame.namespace]?.scalar?.isText == true else { return false }
        let isEntry =
            self[DefinitionFrame.entries] == nil
            && [DefinitionFrame.name, DefinitionFrame.kind].allSatisfy { self[$0]?.scalar?.isText == true }
        return hasKinds || isEntry
    }
}
