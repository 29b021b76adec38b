import HTTPServing

/// The routes of a server: which of them a method and a path mean.
///
/// Immutable; a change makes another table.
///
/// A tree with one node for each segment. A literal segment is tried before a parameter, and both before what matches
/// any rest, so the more specific pattern wins whatever the order of the definitions.
struct RouteTable<Target: Sendable>: Sendable {
    /// What a path leads to.
    enum Match {
        /// A route, with the parameters that its pattern names.
        case found(Target, [HTTPPathParameter])
        /// The path is known, and the method is not: what is there for other methods.
        case otherMethods([HTTPMethod: Target])
        /// A slash added to the path would be known.
        case redirect
        /// Nothing.
        case nothing
    }

    private struct Leaf: Sendable {
        var targets: [HTTPMethod: (target: Target, names: [String])] = [:]
    }

    private struct Node: Sendable {
        var literals: [ArraySlice<UInt8>: Int] = [:]
        var parameter: Int?
        var exact = Leaf()
        var slash = Leaf()
        var rest = Leaf()
    }

    private var nodes = [Node()]

    /// A table without routes.
    init() {}

    /// Adds a route.
    ///
    /// A second one of the same method and an equal pattern is refused when the plan is checked.
    mutating func add(_ method: HTTPMethod, _ pattern: RoutePattern, _ target: Target) {
        let node = pattern.segments.reduce(0) { child(of: $0, for: $1) }
        let route = (target, pattern.parameterNames)
        switch pattern.end {
        case .exact: nodes[node].exact.targets[method] = route
        case .slash: nodes[node].slash.targets[method] = route
        case .rest: nodes[node].rest.targets[method] = route
        }
    }

    private mutating func child(of node: Int, for segment: RoutePattern.Segment) -> Int {
        switch segment {
        case .literal(let text):
            if let child = nodes[node].literals[text[...]] { return child }
            nodes.append(Node())
            nodes[node].literals[text[...]] = nodes.count - 1
        case .parameter:
            if let child = nodes[node].parameter { return child }
            nodes.append(Node())
            nodes[node].parameter = nodes.count - 1
        }
        return nodes.count - 1
    }

    /// Looks up a path, percent-encoded as it came.
    func match(_ method: HTTPMethod, _ path: ArraySlice<UInt8>) -> Match {
        var search = Search(table: self, method: method)
        var values: [ArraySlice<UInt8>] = []
        search.visit(0, path.dropFirst(), &values)
        if let (target, names, values) = search.found { return .found(target, Self.parameters(names, values)) }
        if !search.others.isEmpty { return .otherMethods(search.others) }
        return search.wouldMatchWithSlash ? .redirect : .nothing
    }

    private static func parameters(_ names: [String], _ values: [ArraySlice<UInt8>]) -> [HTTPPathParameter] {
        guard !names.isEmpty else { return [] }
        return zip(names, values).map { name, value in
            HTTPPathParameter(
                name: name, value: PercentEncoding.decode(value) ?? String(decoding: value, as: UTF8.self))
        }
    }

    /// One walk through the tree.
    private struct Search {
        let table: RouteTable
        let method: HTTPMethod
        var found: (Target, [String], [ArraySlice<UInt8>])?
        var others: [HTTPMethod: Target] = [:]
        var wouldMatchWithSlash = false

        /// Tries what is below a node; `path` is what remains after the slash that led there.
        mutating func visit(_ index: Int, _ path: ArraySlice<UInt8>, _ values: inout [ArraySlice<UInt8>]) {
            let node = table.nodes[index]
            let slash = path.firstIndex(of: UInt8(ascii: "/"))
            let segment = path[..<(slash ?? path.endIndex)]
            if !segment.isEmpty {
                if let child = node.literals[segment] ?? decodedLiteral(segment, of: node) {
                    descend(child, after: slash, in: path, &values)
                }
                if found == nil, let child = node.parameter {
                    values.append(segment)
                    descend(child, after: slash, in: path, &values)
                    values.removeLast()
                }
            } else if path.isEmpty {
                take(node.slash, values)
            }
            if found == nil, !node.rest.targets.isEmpty { take(node.rest, values + [path]) }
        }

        private mutating func descend(
            _ child: Int, after slash: Int?, in path: ArraySlice<UInt8>, _ values: inout [ArraySlice<UInt8>]
        ) {
            if let slash {
                visit(child, path[(slash + 1)...], &values)
            } else {
                let node = table.nodes[child]
                take(node.exact, values)
                if !(node.slash.targets.isEmpty && node.rest.targets.isEmpty) { wouldMatchWithSlash = true }
            }
        }

        /// A literal that the client has percent-encoded.
        private func decodedLiteral(_ segment: ArraySlice<UInt8>, of node: Node) -> Int? {
            guard segment.contains(UInt8(ascii: "%")), let text = PercentEncoding.decode(segment) else { return nil }
            return node.literals[Array(text.utf8)[...]]
        }

        /// Takes the leaf's route for the method; GET serves HEAD, too.
        private mutating func take(_ leaf: Leaf, _ values: [ArraySlice<UInt8>]) {
            guard found == nil, !leaf.targets.isEmpty else { return }
            if let route = leaf.targets[method] ?? (method == .head ? leaf.targets[.get] : nil) {
                found = (route.target, route.names, values)
            } else {
                others.merge(leaf.targets.mapValues(\.target)) { first, _ in first }
            }
        }
    }
}
