extension RoutePattern {
    /// A pattern without its texts: how many segments it has, which of them are parameters, and how it ends.
    ///
    /// Applications have thousands of patterns and few shapes.
    struct Shape: Sendable, Hashable {
        /// For each segment whether it is a parameter.
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
    /// How the paths relate that two patterns match which have the same texts wherever both have one.
    enum Relation {
        /// No path matches both.
        case disjoint
        /// The same paths match both.
        case equal
        /// All that matches the first matches the second.
        case moreSpecific
        /// All that matches the second matches the first.
        case lessSpecific
        /// Some paths match both, and each matches some that the other does not: nobody can say which is meant.
        case ambiguous
    }

    /// Compares the paths that patterns of this shape match with those of another.
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
    /// The relation of two patterns of which one part relates like this and another like that.
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
