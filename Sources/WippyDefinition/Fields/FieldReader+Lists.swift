import WippyText

extension FieldReader {
    /// Reads a list of maps with the same fields.
    ///
    /// A map with errors is reported and left out.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - field: the field that gets the value of an element that is not a map. With `id`, the list `[a, {id: b}]`
    ///     means `[{id: a}, {id: b}]`. Default: nil, each element must be a map.
    ///   - help: the purpose of the field, for the manual and for messages.
    ///   - read: reads one map.
    /// - Returns: the elements; an empty list if the field is missing or cannot be read.
    public mutating func list<Element>(
        _ path: String, shortFor field: String? = nil, _ help: String, of read: (inout FieldReader) -> Element
    ) -> [Element] {
        describe(path, .maps(shortFor: field), .optional(written: nil), help)
        guard let root else {
            nested("\(path)[]") { _ = read(&$0) }
            return []
        }
        let nodes = decode(path, secrecy: .below) { node throws(FieldProblem) in
            guard case .sequence(let nodes) = node.listed.content else { throw .expected("a list", got: node) }
            return nodes
        }
        var written: [Node] = []
        let elements = (nodes ?? []).enumerated().compactMap { index, node in
            let name = "\(root.name)\(prefix)\(path)[\(index)]"
            var fields = FieldReader(FieldRoot(node, named: name, shortFor: field, in: root), in: namespace)
            if values.written != nil { fields.values.written = [:] }
            let element = read(&fields)
            let found = fields.finish()
            problems.add(found)
            named.references += fields.references
            values.secretPlaces += fields.secretPlaces
            if fields.lacksVariables { values.lackVariables = true }
            written.append(fields.writtenMap(at: node.location))
            return found.contains { $0.severity == .error } ? nil : element
        }
        let key = ExactText(prefix + path)
        if nodes != nil, let list = values.written?[key] {
            values.written?[key] = Node(.sequence(written), at: list.location, origin: list.origin)
        }
        return elements
    }

    /// Reads a map whose keys the project chooses, such as `vars`.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - value: the form of the values, which the caller reads.
    ///   - words: the map in words, with an article: `a map of names to ids`.
    ///   - help: the purpose of the field, for the manual and for messages.
    mutating func pairs(_ path: String, of value: FieldForm, words: String, _ help: String) -> [Node.Pair] {
        custom(
            path, form: .either([.map(of: value)], words: words), default: [], secrecy: .below, help
        ) { node, _ throws(FieldProblem) in
            guard node.isMap else { throw .expected("a map", got: node) }
            return node.pairs
        }
    }

    /// Reads the elements of a list, or a single value.
    ///
    /// An element that cannot be read is reported and left out.
    mutating func each<Element>(
        of node: Node, at path: String, read: (Node) throws(FieldProblem) -> Element
    ) -> [Element] {
        var nodes = [node]
        if case .sequence(let elements) = node.content { nodes = elements }
        var elements: [Element] = []
        for node in nodes {
            do {
                elements.append(try read(node))
            } catch {
                report(error, path: path, node: node)
            }
        }
        return elements
    }
}
