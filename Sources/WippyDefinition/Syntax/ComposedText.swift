import WippyText

/// The result of composing a text into located nodes.
struct ComposedText: Sendable {
    /// The content of the text; nil if the text is empty, or if reading was abandoned.
    var root: Node?
    /// The diagnostics about the text.
    var problems: [Diagnostic] = []
    /// True if reading was abandoned, so that the content of the text is unknown.
    var wasAbandoned = false
    /// The number of nodes.
    var count = 0
    /// True if every part of the text can be read by itself.
    ///
    /// Then the text has no anchors, aliases or merge keys.
    var standsAlone = true

    /// Reads a file: as JSON if its name ends in `.json`, otherwise as YAML.
    static func compose(_ file: SourceFile, limits: SourceLimits = .standard) -> ComposedText {
        file.path.namesJSON
            ? JSONComposer.compose(file, limits: limits) : YAMLComposer.compose(file, limits: limits)
    }
}

/// A composed file, with the lines of its entries if they can be separated.
struct ComposedFile: Sendable {
    let source: SourceFile
    let text: ComposedText

    /// For each element of `entries`, its index in the old file if it was kept; nil if it was composed again.
    ///
    /// The list is empty if no element was kept.
    let keptPlaces: [Int?]

    private let lines: EntryLines?

    /// Composes a file.
    ///
    /// - Parameter old: the same file before a change, whose unchanged entries are kept. The result is the same with
    ///   and without it.
    init(_ source: SourceFile, limits: SourceLimits, keeping old: ComposedFile? = nil) {
        self.source = source
        if let old, ExactText.areEqual(old.source.text, source.text) {
            (text, lines) = (old.text, old.lines)
            keptPlaces = Array(0..<max(text.elements.count, 1))
            return
        }
        let lines = source.path.namesJSON ? nil : EntryLines(source.text)
        if let old, let lines, let changed = Self.changed(lines, of: source, from: old, limits: limits) {
            (text, keptPlaces, self.lines) = (changed.text, changed.places, lines)
            return
        }
        let text = ComposedText.compose(source, limits: limits)
        (self.text, keptPlaces) = (text, [])
        self.lines = lines.flatMap { $0.areLines(of: text) ? $0 : nil }
    }

    /// Returns the composed text, for which only the changed entries were composed; nil if the text has an unusual
    /// form.
    private static func changed(
        _ lines: EntryLines, of source: SourceFile, from old: ComposedFile, limits: SourceLimits
    ) -> (text: ComposedText, places: [Int?])? {
        guard let oldLines = old.lines, var pairs = old.text.root?.pairs,
            let key = pairs.firstIndex(where: { $0.key == "entries" })
        else { return nil }
        let places = lines.places(in: oldLines)
        guard places.contains(where: { $0 != nil }) else { return nil }
        let oldNodes = old.text.elements
        var limits = limits
        // The list is inside a map.
        limits.nesting -= 1
        let kept = Set(places.compactMap(\.self))
        var text = old.text
        for place in oldNodes.indices where !kept.contains(place) { text.count -= oldNodes[place].count }
        var nodes: [Node] = []
        while nodes.count < places.count {
            if let place = places[nodes.count] {
                nodes.append(oldNodes[place])
                continue
            }
            let end = places[nodes.count...].firstIndex { $0 != nil } ?? places.count
            let elements = lines.elements[nodes.count..<end]
            let linesBefore = lines.elements[nodes.count].lines.lowerBound - 1
            let piece = YAMLComposer.compose(lines.text(of: elements), limits: limits) {
                Location(file: source.path, from: $0, to: $1, after: linesBefore)
            }
            guard piece.problems.isEmpty, piece.standsAlone, case .sequence(let found)? = piece.root?.content,
                lines.areLines(of: found, elements)
            else { return nil }
            text.count += piece.count - 1
            nodes += found
        }
        guard text.count <= limits.nodes, let root = text.root else { return nil }
        let place = Location(
            file: source.path, line: lines.elements[0].lines.lowerBound, column: lines.indent + 1)
        // The list is the last value of the map.
        let last = nodes.last?.location ?? place
        pairs[key].value = Node(.sequence(nodes), at: place.extended(to: last))
        text.root = Node(.mapping(pairs), at: root.location.extended(to: last))
        return (text, places)
    }
}

extension ComposedText {
    /// The elements of the list `entries`.
    fileprivate var elements: [Node] {
        if case .sequence(let nodes)? = root?["entries"]?.content { nodes } else { [] }
    }
}

extension Node {
    /// The number of nodes in this node, including the keys and this node.
    fileprivate var count: Int {
        switch content {
        case .scalar: 1
        case .sequence(let nodes): nodes.reduce(1) { $0 + $1.count }
        case .mapping(let pairs): pairs.reduce(1) { $0 + 1 + $1.value.count }
        }
    }
}
