extension RoutePattern {
    /// How the paths that two patterns match relate to each other.
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

    /// Compares the paths that this pattern matches with those of another.
    func relation(to other: RoutePattern) -> Relation {
        var relation = Relation.equal
        for (left, right) in zip(segments, other.segments) {
            switch (left, right) {
            case (.literal(let left), .literal(let right)) where left == right: break
            case (.literal, .literal): return .disjoint
            case (.parameter, .parameter): break
            case (.literal, .parameter): relation = relation.joined(with: .moreSpecific)
            case (.parameter, .literal): relation = relation.joined(with: .lessSpecific)
            }
        }
        return relation.joined(with: ends(with: other))
    }

    private func ends(with other: RoutePattern) -> Relation {
        if segments.count > other.segments.count {
            if case .rest = other.end { return .moreSpecific }
            return .disjoint
        }
        if segments.count < other.segments.count {
            if case .rest = end { return .lessSpecific }
            return .disjoint
        }
        switch (end, other.end) {
        case (.exact, .exact), (.slash, .slash), (.rest, .rest): return .equal
        case (.slash, .rest): return .moreSpecific
        case (.rest, .slash): return .lessSpecific
        case (.exact, _), (_, .exact): return .disjoint
        }
    }
}

extension RoutePattern.Relation {
    /// The relation of two patterns of which one part relates like this and another like that.
    fileprivate func joined(with other: RoutePattern.Relation) -> RoutePattern.Relation {
        switch (self, other) {
        case (.disjoint, _), (_, .disjoint): .disjoint
        case (.equal, let relation), (let relation, .equal): relation
        case (.moreSpecific, .moreSpecific): .moreSpecific
        case (.lessSpecific, .lessSpecific): .lessSpecific
        default: .ambiguous
        }
    }
}
