import WippyText

extension Node {
    /// The list or map in a text from a variable or an option, in YAML's short form: `[a, b]`, `{a: b}`.
    ///
    /// Any other node, and any secret, is returned unchanged.
    public var structured: Node { (try? structure()) ?? self }

    /// Returns the same node as ``structured``, for a field that takes any value.
    ///
    /// - Throws: ``FieldProblem`` if a text begins as a list or a map but is not one.
    func structure() throws(FieldProblem) -> Node {
        guard let scalar, scalar.style == .external, !isSecret, scalar.text.beginsAsStructure else { return self }
        let result = YAMLComposer.compose(scalar.text) { _, _ in location }
        if let problem = result.problems.first {
            throw FieldProblem("begins like a list or a map, but is not one: \(problem.message)", at: location)
        }
        return result.root?.external(origin) ?? self
    }

    /// The list in a text from a variable or an option: in YAML's short form, or separated by commas.
    ///
    /// A map in such a text is returned as by ``structured``. Any other node, and any secret, is returned unchanged.
    public var listed: Node {
        let node = structured
        guard let scalar = node.scalar, scalar.style == .external, !isSecret, !scalar.text.beginsAsStructure else {
            return node
        }
        let texts =
            scalar.text.isEmpty
            ? [] : scalar.text.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false)
        let elements = texts.map { text in
            with(.scalar(Scalar(String(text).trimmed, style: .external)))
        }
        return with(.sequence(elements))
    }

    private func external(_ origin: Origin?) -> Node {
        let content: Content =
            switch self.content {
            case .scalar(let scalar): .scalar(scalar.style == .plain ? Scalar(scalar.text, style: .external) : scalar)
            case .sequence(let elements): .sequence(elements.map { $0.external(origin) })
            case .mapping(let pairs):
                .mapping(
                    pairs.map { pair in
                        Pair(key: pair.key.string, keyLocation: location, value: pair.value.external(origin))
                    })
            }
        return Node(content, at: location, origin: origin)
    }
}

extension String {
    fileprivate var beginsAsStructure: Bool { hasExactPrefix("[") || hasExactPrefix("{") }
}
