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

    private struct Entry: Sendable {
        let method: HTTPMethod
        let target: Target
        let parameterNames: [String]
    }

    private struct Node: Sendable {
        var literals: [LiteralSegment] = []
        var parameter: Int?
        /// The routes, as places in the table's list, of a path that ends here, that ends after a slash, and that goes
        /// on in any way.
        var exact: [Int] = []
        var slash: [Int] = []
        var rest: [Int] = []
    }

    /// A child for one text.
    private struct LiteralSegment: Sendable {
        let text: [UInt8]
        let node: Int
    }

    private var routes: [Entry] = []
    private var nodes = [Node()]

    /// A table without routes.
    init() {}

    /// Adds a route.
    ///
    /// A second one of the same method and an equal pattern is refused when the plan is checked.
    mutating func add(_ method: HTTPMethod, _ pattern: RoutePattern, _ target: Target) {
        let node = pattern.segments.reduce(0) { child(of: $0, for: $1) }
        switch pattern.end {
        case .exact: nodes[node].exact.append(routes.count)
        case .slash: nodes[node].slash.append(routes.count)
        case .rest: nodes[node].rest.append(routes.count)
        }
        routes.append(Entry(method: method, target: target, parameterNames: pattern.parameterNames))
    }

    private mutating func child(of node: Int, for segment: RoutePattern.Segment) -> Int {
        switch segment {
        case .literal(let text):
            let (index, isFound) = place(of: text.span, below: node)
            if isFound { return nodes[node].literals[index].node }
            nodes[node].literals.insert(LiteralSegment(text: text, node: nodes.count), at: index)
        case .parameter:
            if let child = nodes[node].parameter { return child }
            nodes[node].parameter = nodes.count
        }
        nodes.append(Node())
        return nodes.count - 1
    }

    /// Where a text stands, or would stand, among the literals of a node, which are in order.
    private func place(of text: Span<UInt8>, below node: Int) -> (index: Int, isFound: Bool) {
        var low = 0
        var high = nodes[node].literals.count
        while low < high {
            let middle = (low + high) / 2
            let literal = nodes[node].literals[middle].text
            let order = Self.order(of: text, literal.span)
            if order == 0 { return (middle, true) }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        return (low, false)
    }

    /// Below, at or above zero as the first text comes before, is, or comes after the second: the shorter one first.
    private static func order(of text: Span<UInt8>, _ other: Span<UInt8>) -> Int {
        guard text.count == other.count else { return text.count - other.count }
        var index = 0
        while index < text.count, text[index] == other[index] { index += 1 }
        return index == text.count ? 0 : Int(text[index]) - Int(other[index])
    }

    /// Looks up a path, percent-encoded as it came.
    func match(_ method: HTTPMethod, _ path: ArraySlice<UInt8>) -> Match {
        let bytes = path.span
        var search = Search(method: method)
        // The target may be a URL without a path, which means its root.
        visit(0, min(1, bytes.count), bytes, &search)
        if let found = search.found {
            let route = routes[found]
            guard !route.parameterNames.isEmpty else { return .found(route.target, []) }
            return .found(route.target, Self.parameters(route.parameterNames, search.values, of: path))
        }
        if !search.others.isEmpty {
            let others = search.others.map { (routes[$0].method, routes[$0].target) }
            return .otherMethods(Dictionary(others) { first, _ in first })
        }
        return search.wouldMatchWithSlash ? .redirect : .nothing
    }

    private static func parameters(
        _ names: [String], _ values: [Range<Int>], of path: ArraySlice<UInt8>
    ) -> [HTTPPathParameter] {
        zip(names, values).map { name, value in
            let text = path.dropFirst(value.lowerBound).prefix(value.count)
            return HTTPPathParameter(
                name: name, value: PercentEncoding.decode(text) ?? String(decoding: text, as: UTF8.self))
        }
    }
}

/// The walk through the tree.
extension RouteTable {
    /// What a walk has found so far.
    private struct Search {
        let method: HTTPMethod
        var found: Int?
        /// What stands in the path for the parameters on the way.
        var values: [Range<Int>] = []
        /// The routes of other methods.
        var others: [Int] = []
        var wouldMatchWithSlash = false
    }

    /// Tries what is below a node; `start` is where the path goes on behind the slash that led there.
    private func visit(_ node: Int, _ start: Int, _ path: Span<UInt8>, _ search: inout Search) {
        var end = start
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        if start < end {
            if let child = literal(path.extracting(start..<end), below: node) { descend(child, end, path, &search) }
            if search.found == nil, let child = nodes[node].parameter {
                search.values.append(start..<end)
                descend(child, end, path, &search)
                if search.found == nil { search.values.removeLast() }
            }
        } else if start == path.count {
            take(nodes[node].slash, &search)
        }
        if search.found == nil, !nodes[node].rest.isEmpty {
            search.values.append(start..<path.count)
            take(nodes[node].rest, &search)
            if search.found == nil { search.values.removeLast() }
        }
    }

    private func descend(_ child: Int, _ end: Int, _ path: Span<UInt8>, _ search: inout Search) {
        if end < path.count { return visit(child, end + 1, path, &search) }
        take(nodes[child].exact, &search)
        if !(nodes[child].slash.isEmpty && nodes[child].rest.isEmpty) { search.wouldMatchWithSlash = true }
    }

    /// The child for a segment, which the client may have percent-encoded.
    private func literal(_ segment: Span<UInt8>, below node: Int) -> Int? {
        guard !nodes[node].literals.isEmpty else { return nil }
        let (index, isFound) = place(of: segment, below: node)
        if isFound { return nodes[node].literals[index].node }
        guard segment.indices.contains(where: { segment[$0] == UInt8(ascii: "%") }) else { return nil }
        var encoded: [UInt8] = []
        for index in segment.indices { encoded.append(segment[index]) }
        guard let text = PercentEncoding.decode(encoded[...]) else { return nil }
        let (decoded, isDecodedFound) = place(of: text.utf8Span.span, below: node)
        return isDecodedFound ? nodes[node].literals[decoded].node : nil
    }

    /// Takes the route for the method; GET serves HEAD, too.
    private func take(_ candidates: [Int], _ search: inout Search) {
        guard search.found == nil else { return }
        search.found =
            candidates.first { routes[$0].method == search.method }
            ?? (search.method == .head ? candidates.first { routes[$0].method == .get } : nil)
        if search.found == nil { search.others += candidates }
    }
}
