import WippyText

/// Composes the events of one YAML text into located nodes.
///
/// Scalars are read by the core schema of YAML 1.2: `no` and `on` are texts. An alias becomes a copy of its anchor's
/// node, with the places of that node, and all nodes of the copy count. A plain `<<` merges the maps that it names,
/// but the map's own keys take precedence. Three errors end the reading: the text is not YAML, an alias names nothing,
/// or a limit is exceeded. After other errors, reading goes on: a repeated key (the first one is kept), a second
/// document, a tag beyond the core schema, or a key that is not a scalar.
struct YAMLComposer: ~Copyable {
    /// A node, with the numbers that count for the limits.
    private struct Composed {
        var node: Node
        /// The number of nodes, including this one.
        var count = 1
        /// The depth of nested lists and maps in the node.
        var height = 0
        var isPlain = false
        /// The end of the last word or bracket of the node in the text, without the rest of the line.
        var end: YAMLEvents.Mark
    }

    /// The error that ends the reading of a text.
    private struct Abandoned: Error {
        let mark: YAMLEvents.Mark
        let sentence: String
    }

    /// Returns the place of a piece of the text; its end is nil if the piece is one character.
    typealias Placement = (_ start: YAMLEvents.Mark, _ end: YAMLEvents.Mark?) -> Location

    private var events: YAMLEvents
    private let limits: SourceLimits
    private let place: Placement
    private var count = 0
    private var anchors: [ExactText: Composed] = [:]
    private var openAnchors: Set<ExactText> = []
    private var hasMergeKeys = false
    private var problems: [Diagnostic] = []

    /// Reads a text.
    ///
    /// - Parameter place: returns the place of a piece of the text.
    static func compose(
        _ text: String, limits: SourceLimits = .standard, place: @escaping Placement
    ) -> ComposedText {
        do throws(YAMLEvents.Failure) {
            var composer = YAMLComposer(events: try YAMLEvents(text), limits: limits, place: place)
            return composer.document()
        } catch {
            return ComposedText(problems: [.error(at: place(error.place, nil), error.sentence)], wasAbandoned: true)
        }
    }

    /// Reads a file.
    static func compose(_ file: SourceFile, limits: SourceLimits = .standard) -> ComposedText {
        compose(file.text, limits: limits) { Location(file: file.path, from: $0, to: $1) }
    }

    private init(
        events: consuming YAMLEvents, limits: SourceLimits, place: @escaping Placement
    ) {
        self.events = events
        self.limits = limits
        self.place = place
    }

    private mutating func document() -> ComposedText {
        do throws(Abandoned) {
            guard case .documentStart = try next().kind else { return ComposedText(problems: problems) }
            let root = try node(try next(), depth: 0).node
            _ = try next()
            let after = try next()
            if case .documentStart = after.kind {
                report(after.mark, "a second document begins here; a file can hold only one")
            }
            return ComposedText(
                root: root, problems: problems, count: count, standsAlone: anchors.isEmpty && !hasMergeKeys)
        } catch {
            report(error.mark, error.sentence)
            return ComposedText(problems: problems, wasAbandoned: true)
        }
    }

    private mutating func next() throws(Abandoned) -> YAMLEvents.Event {
        do throws(YAMLEvents.Failure) {
            return try events.next()
        } catch {
            throw Abandoned(mark: error.place, sentence: error.sentence)
        }
    }

    private mutating func report(_ mark: YAMLEvents.Mark, to end: YAMLEvents.Mark? = nil, _ sentence: String) {
        problems.append(.error(at: place(mark, end), sentence))
    }

    /// Reports an error in a scalar, or in the beginning of a list or a map.
    private mutating func report(_ event: YAMLEvents.Event, _ sentence: String) {
        report(event.mark, to: event.end, sentence)
    }

    /// Composes the node that begins with the given event.
    ///
    /// - Parameter depth: the number of lists and maps around it.
    private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(Abandoned) -> Composed {
        if case .alias = event.kind { return try alias(event, depth: depth) }
        try add(1, at: event.mark)
        let anchor = event.anchor.map { ExactText($0) }
        if let anchor { openAnchors.insert(anchor) }
        var composed: Composed
        switch event.kind {
        case .sequenceStart: composed = try sequence(event, depth: try deeper(depth, at: event.mark))
        case .mappingStart: composed = try mapping(event, depth: try deeper(depth, at: event.mark))
        case .scalar(let text, let isPlain): composed = scalar(text, isPlain: isPlain, event)
        default:
            let nothing = Node(.scalar(Scalar("", style: .plain)), at: place(event.mark, nil))
            composed = Composed(node: nothing, end: event.end)
        }
        if let anchor {
            openAnchors.remove(anchor)
            anchors[anchor] = composed
        }
        return composed
    }

    private mutating func add(_ nodes: Int, at mark: YAMLEvents.Mark) throws(Abandoned) {
        count += nodes
        guard count <= limits.nodes else {
            throw Abandoned(
                mark: mark,
                sentence: "the file holds more than \(limits.nodes) values, counting those that aliases repeat")
        }
    }

    private func deeper(_ depth: Int, by height: Int = 1, at mark: YAMLEvents.Mark) throws(Abandoned) -> Int {
        guard depth + height <= limits.nesting else {
            throw Abandoned(mark: mark, sentence: "lists and maps nest deeper than \(limits.nesting) levels")
        }
        return depth + height
    }

    private mutating func alias(_ event: YAMLEvents.Event, depth: Int) throws(Abandoned) -> Composed {
        let name = ExactText(event.anchor ?? "")
        guard var found = anchors[name], !openAnchors.contains(name) else {
            let problem =
                openAnchors.contains(name) ? "is inside the value that it stands for" : "has no '&\(name)' before it"
            throw Abandoned(mark: event.mark, sentence: "'*\(name)' \(problem)")
        }
        try add(found.count, at: event.mark)
        _ = try deeper(depth, by: found.height, at: event.mark)
        found.end = event.end
        return found
    }

    private mutating func sequence(_ event: YAMLEvents.Event, depth: Int) throws(Abandoned) -> Composed {
        refuse(event, unless: "seq")
        var (count, height, end) = (1, 1, event.end)
        var elements: [Node] = []
        while true {
            let event = try next()
            if case .end = event.kind {
                end = event.closingBracket ?? end
                break
            }
            let element = try node(event, depth: depth)
            end = element.end
            elements.append(element.node)
            count += element.count
            height = max(height, element.height + 1)
        }
        let list = Node(.sequence(elements), at: place(event.mark, end))
        return Composed(node: list, count: count, height: height, end: end)
    }

    private mutating func mapping(_ event: YAMLEvents.Event, depth: Int) throws(Abandoned) -> Composed {
        refuse(event, unless: "map")
        var (count, height, end) = (1, 1, event.end)
        var pairs = UniquePairs()
        var merge: Node.Pair?
        while true {
            let keyEvent = try next()
            if case .end = keyEvent.kind {
                end = keyEvent.closingBracket ?? end
                break
            }
            let isMerge = keyEvent.isMergeKey
            let key = try node(isMerge ? keyEvent.withoutTag : keyEvent, depth: depth)
            let value = try node(try next(), depth: depth)
            end = value.end
            count += key.count + value.count
            height = max(height, key.height + 1, value.height + 1)
            guard let text = key.node.scalar?.text, !text.isEmpty || !key.isPlain else {
                report(keyEvent.mark, to: key.end, "a key must be a string, got \(key.node.found)")
                continue
            }
            let pair = Node.Pair(key: text, keyLocation: place(keyEvent.mark, key.end), value: value.node)
            if let first = isMerge ? merge?.keyLocation : pairs.add(pair) {
                problems.append(pair.repeated(after: first))
            } else if isMerge {
                (merge, hasMergeKeys) = (pair, true)
            }
        }
        if let merge { mergeMaps(of: merge.value, into: &pairs) }
        let map = Node(.mapping(pairs.pairs), at: place(event.mark, end))
        return Composed(node: map, count: count, height: height, end: end)
    }

    /// Adds the maps that a merge key names.
    ///
    /// The map's own keys take precedence, and then the keys of earlier maps.
    private mutating func mergeMaps(of value: Node, into pairs: inout UniquePairs) {
        var sources = [value]
        if case .sequence(let elements) = value.content { sources = elements }
        for source in sources {
            guard case .mapping(let added) = source.content else {
                let sentence = "'<<' must name a map or a list of maps, got \(source.found)"
                problems.append(.error(at: source.location, sentence))
                continue
            }
            for pair in added { _ = pairs.add(pair) }
        }
    }

    private mutating func scalar(_ text: String, isPlain: Bool, _ event: YAMLEvents.Event) -> Composed {
        var scalar = Scalar(text, style: isPlain ? .plain : .quoted)
        switch event.tag {
        case nil, "!": if event.tag != nil { scalar = Scalar(text, style: .quoted) }
        case YAMLEvents.Event.coreTag + "str": scalar = Scalar(text, style: .quoted)
        case .some(let tag):
            let plain = Scalar(text, style: .plain)
            let name = YAMLEvents.Event.shortTag(tag)
            switch (name, plain.value) {
            case ("!!null", .null), ("!!bool", .bool), ("!!int", .integer), ("!!float", .float), ("!!float", .integer):
                scalar = plain
            case ("!!null", _), ("!!bool", _), ("!!int", _), ("!!float", _):
                report(event, "the tag '\(name)' does not fit '\(text)'")
            default: report(event, "the tag '\(name)' is not supported")
            }
        }
        let node = Node(.scalar(scalar), at: place(event.mark, event.end))
        return Composed(node: node, isPlain: isPlain, end: event.end)
    }

    private mutating func refuse(_ event: YAMLEvents.Event, unless core: String) {
        guard let tag = event.tag, tag != "!", tag != YAMLEvents.Event.coreTag + core else { return }
        report(event, "the tag '\(YAMLEvents.Event.shortTag(tag))' is not supported")
    }
}

/// Collects the pairs of a map, each key once.
struct UniquePairs {
    private(set) var pairs: [Node.Pair] = []
    private var places: [ExactText: Int] = [:]

    /// Adds a pair.
    ///
    /// - Returns: the place of the same key if there was one already. Then the pair was not added.
    mutating func add(_ pair: Node.Pair) -> Location? {
        if let first = places[pair.key] { return pairs[first].keyLocation }
        places[pair.key] = pairs.count
        pairs.append(pair)
        return nil
    }
}

extension Node.Pair {
    /// Returns the error about a key that the map has already.
    func repeated(after first: Location) -> Diagnostic {
        .error(at: keyLocation, "'\(key)' is written twice, first at \(first)").naming(first)
    }
}

extension Location {
    /// - Parameter end: the end of the piece at the place; nil if it is not known.
    init(file: String, from start: YAMLEvents.Mark, to end: YAMLEvents.Mark?, after lines: Int = 0) {
        if let end {
            self.init(
                file: file, line: start.line + lines, column: start.column, endLine: end.line + lines,
                endColumn: end.column)
        } else {
            self.init(file: file, line: start.line + lines, column: start.column)
        }
    }
}

extension YAMLEvents.Event {
    /// The end of the bracket that ends a list or a map; nil for the end of an indented block, which has no extent.
    fileprivate var closingBracket: YAMLEvents.Mark? { end == mark ? nil : end }

    fileprivate static let coreTag = "tag:yaml.org,2002:"

    /// Returns the tag in the short form that people write.
    fileprivate static func shortTag(_ tag: String) -> String {
        tag.hasExactPrefix(coreTag) ? "!!\(tag.dropping(coreTag))" : tag
    }

    fileprivate var isMergeKey: Bool {
        guard case .scalar(text: "<<", let isPlain) = kind else { return false }
        return tag == nil ? isPlain : tag == Self.coreTag + "merge"
    }

    fileprivate var withoutTag: Self { Self(kind: kind, mark: mark, end: end, anchor: anchor) }
}
