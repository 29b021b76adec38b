extension RoutePattern {
    /// A pattern without its texts: the number of its segments, the positions of its parameters, and its end.
    ///
    /// An application may have thousands of patterns, and only few shapes.
    struct Shape: Sendable, Hashable {
        /// True for each segment that is a parameter.
        let parameters: [Bool]
        let end: End

        enum End: Sendable, Hashable {
            case exact
            case slash
            case rest
        }
    }

    var shape: Shape {
        let parameters = segments.map { segment in
            if case .parameter = segment { true } else { false }
        }
        return switch end {
        case .exact: Shape(parameters: parameters, end: .exact)
        case .slash: Shape(parameters: parameters, end: .slash)
        case .rest: Shape(parameters: parameters, end: .rest)
        }
    }
}

extension RoutePattern.Shape {
    /// The relation between the paths that two patterns match.
    ///
    /// The patterns have equal texts at each place where both have a text.
    enum Relation {
        /// No path matches both.
        case disjoint
        /// Both match the same paths.
        case equal
        /// Each path that matches the first pattern also matches the second.
        case moreSpecific
        /// Each path that matches the second pattern also matches the first.
        case lessSpecific
        /// Some paths match both, and each pattern matches paths that the other does not. No rule says which pattern is
        /// meant.
        case ambiguous
    }

    /// Compares the paths that match patterns of this shape with the paths of another shape.
    func relation(to other: Self) -> Relation {
        var relation = Relation.equal
        for (mine, others) in zip(parameters, other.parameters) where mine != others {
            relation = relation.joined(with: others ? .moreSpecific : .lessSpecific)
        }
        return relation.joined(with: ends(with: other))
    }

    private func ends(with other: Self) -> Relation {
        if parameters.count > other.parameters.count { return other.end == .rest ? .moreSpecific : .disjoint }
        if parameters.count < other.parameters.count { return end == .rest ? .lessSpecific : .disjoint }
        switch (end, other.end) {
        case (.exact, .exact), (.slash, .slash), (.rest, .rest): return .equal
        case (.slash, .rest): return .moreSpecific
        case (.rest, .slash): return .lessSpecific
        case (.exact, _), (_, .exact): return .disjoint
        }
    }
}

extension RoutePattern.Shape.Relation {
    /// The relation of two patterns, from the relations of two of their parts.
    fileprivate func joined(with other: Self) -> Self {
        switch (self, other) {
        case (.disjoint, _), (_, .disjoint): .disjoint
        case (.equal, let relation), (let relation, .equal): relation
        case (.moreSpecific, .moreSpecific): .moreSpecific
        case (.lessSpecific, .lessSpecific): .lessSpecific
        default: .ambiguous
        }
    }
}
