import HTTPServing

/// Finds the route for a method and a path, among the routes of a server and the prefixes of its routers.
///
/// A table is immutable. A change makes another table.
///
/// The table is a tree with one node for each segment. A literal segment is tried before a parameter, and a pattern for
/// any rest is tried last. So the more specific pattern takes precedence. The order of the definitions has no effect.
struct RouteTable<Target: Sendable, Scope: Sendable>: Sendable {
    /// The result of looking up a path.
    enum Match {
        /// A route, with the values of its pattern's parameters.
        case found(Target, [HTTPPathParameter])
        /// A route whose last parameter takes the rest of the path. The rest of this path is not allowed: see `isRest`.
        case badRest(Target)
        /// The path has routes for other methods only, the most specific first.
        case otherMethods([(method: HTTPMethod, target: Target)])
        /// The path has a route if a slash is added.
        case missingSlash(Target)
        /// The path has no route. The scope belongs to the longest prefix with which the path begins.
        case nothing(Scope?)
    }

    private struct Entry: Sendable {
        let method: HTTPMethod
        let target: Target
        let parameterNames: [String]
        let namesRest: Bool
    }

    private struct Node: Sendable {
        var literals: [LiteralSegment] = []
        var parameter: Int?
        /// The indexes of routes in the table's list.
        ///
        /// `exact` has those for a path that ends here, `slash` for a path that ends after a slash, and `rest` for a
        /// path with further segments.
        var exact: [Int] = []
        var slash: [Int] = []
        var rest: [Int] = []
        /// The scope of a router's prefix that ends here.
        var scope: Scope?
    }

    /// The child for one text.
    private struct LiteralSegment: Sendable {
        let text: [UInt8]
        let node: Int

        func comes(before other: Self) -> Bool {
            let (text, others) = (text, other.text)
            return order(of: text.span, others.span) < 0
        }
    }

    private var routes: [Entry] = []
    private var nodes = [Node()]

    /// Creates a table of routes and prefixes.
    ///
    /// Two routes never have the same method and equal patterns, and two prefixes are never equal: the check of the
    /// plan has refused them.
    init(
        routes: [(method: HTTPMethod, pattern: RoutePattern, target: Target)],
        prefixes: [(prefix: RoutePrefix, scope: Scope)]
    ) {
        var children = [[[UInt8]: Int]()]
        for route in routes { add(route.method, route.pattern, route.target, &children) }
        for (prefix, scope) in prefixes {
            let node = prefix.segments.reduce(0) { child(of: $0, for: $1, &children) }
            nodes[node].scope = scope
        }
        for (node, literals) in children.enumerated() {
            nodes[node].literals = literals.map { LiteralSegment(text: $0, node: $1) }
                .sorted { $0.comes(before: $1) }
        }
    }

    private mutating func add(
        _ method: HTTPMethod, _ pattern: RoutePattern, _ target: Target, _ children: inout [[[UInt8]: Int]]
    ) {
        let node = pattern.segments.reduce(0) { child(of: $0, for: $1, &children) }
        var namesRest = false
        switch pattern.end {
        case .exact: nodes[node].exact.append(routes.count)
        case .slash: nodes[node].slash.append(routes.count)
        case .rest(let name):
            nodes[node].rest.append(routes.count)
            namesRest = name != nil
        }
        routes.append(
            Entry(method: method, target: target, parameterNames: pattern.parameterNames, namesRest: namesRest))
    }

    private mutating func child(
        of node: Int, for segment: RoutePattern.Segment, _ children: inout [[[UInt8]: Int]]
    ) -> Int {
        let new = nodes.count
        switch segment {
        case .literal(let text):
            if let child = children[node][text] { return child }
            children[node][text] = new
        case .parameter:
            if let child = nodes[node].parameter { return child }
            nodes[node].parameter = new
        }
        nodes.append(Node())
        children.append([:])
        return new
    }

    /// Returns the child of a node for a text.
    ///
    /// The node's literals are sorted.
    private func literal(_ text: Span<UInt8>, below node: Int) -> Int? {
        var low = 0
        var high = nodes[node].literals.count
        while low < high {
            let middle = (low + high) / 2
            let literal = nodes[node].literals[middle]
            let other = literal.text
            let order = Self.order(of: text, other.span)
            if order == 0 { return literal.node }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        return nil
    }

    /// Returns a number below zero if the first text comes before the second, zero if they are equal, otherwise a
    /// number above zero.
    ///
    /// The shorter text comes first.
    private static func order(of text: Span<UInt8>, _ other: Span<UInt8>) -> Int {
        guard text.count == other.count else { return text.count - other.count }
        var index = 0
        while index < text.count, text[index] == other[index] { index += 1 }
        return index == text.count ? 0 : Int(text[index]) - Int(other[index])
    }

    /// Looks up a clean path, in the percent-encoding in which it came.
    func match(_ method: HTTPMethod, _ path: ArraySlice<UInt8>) -> Match {
        let bytes = path.span
        // The target may be a URL without a path, which means the root.
        let start = min(1, bytes.count)
        var search = Search(method: method)
        visit(0, start, bytes, &search)
        if let found = search.found {
            let route = routes[found]
            guard !route.parameterNames.isEmpty else { return .found(route.target, []) }
            let parameters = Self.parameters(route.parameterNames, search.values, of: path)
            if route.namesRest, let rest = parameters.last, !Self.isRest(rest.value) { return .badRest(route.target) }
            return .found(route.target, parameters)
        }
        if !search.others.isEmpty {
            return .otherMethods(search.others.map { (routes[$0].method, routes[$0].target) })
        }
        if let route = search.afterSlash { return .missingSlash(routes[route].target) }
        var longest = (segments: -1, scope: Scope?.none)
        visitPrefixes(0, start, bytes, segments: 0, &longest)
        return .nothing(longest.scope)
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

    /// True if a text may be the rest of a path.
    ///
    /// Decoding can make a clean path unclean, for example `..%2Fetc` and `%2Fetc`. So the rest that a handler gets has
    /// no NUL and no segment `.` or `..`, and only its last segment may be empty. When a handler appends the rest to a
    /// folder's path, the result stays below that folder.
    private static func isRest(_ text: String) -> Bool {
        var segment = (length: 0, dots: 0)
        for byte in text.utf8 {
            switch byte {
            case 0: return false
            case UInt8(ascii: "/"):
                if segment.length == 0 || (segment.length == segment.dots && segment.dots < 3) { return false }
                segment = (0, 0)
            default: segment = (segment.length + 1, segment.dots + (byte == UInt8(ascii: ".") ? 1 : 0))
            }
        }
        return segment.length == 0 || segment.length > segment.dots || segment.dots > 2
    }
}

/// The walk through the tree.
extension RouteTable {
    /// The results of a walk so far.
    private struct Search {
        let method: HTTPMethod
        var found: Int?
        /// The ranges of the path for the parameters on the way.
        var values: [Range<Int>] = []
        /// The routes of other methods.
        var others: [Int] = []
        /// A route whose path is this path, a slash, and perhaps more.
        var afterSlash: Int?
    }

    /// The end of a path's segment, and true if the segment has an encoded byte.
    private static func segment(from start: Int, of path: Span<UInt8>) -> (end: Int, isEncoded: Bool) {
        var end = start
        var isEncoded = false
        while end < path.count, path[end] != UInt8(ascii: "/") {
            if path[end] == UInt8(ascii: "%") { isEncoded = true }
            end += 1
        }
        return (end, isEncoded)
    }

    /// Tries the children and routes of a node.
    ///
    /// The rest of the path begins at `start`, after the slash that led to the node.
    private func visit(_ node: Int, _ start: Int, _ path: Span<UInt8>, _ search: inout Search) {
        let (end, isEncoded) = Self.segment(from: start, of: path)
        if start < end {
            if let child = literal(path.extracting(start..<end), isEncoded: isEncoded, below: node) {
                descend(child, end, path, &search)
            }
            if search.found == nil, let child = nodes[node].parameter {
                search.values.append(start..<end)
                descend(child, end, path, &search)
                if search.found == nil { search.values.removeLast() }
            }
        } else if start == path.count {
            choose(nodes[node].slash, &search)
        }
        if search.found == nil, !nodes[node].rest.isEmpty {
            search.values.append(start..<path.count)
            choose(nodes[node].rest, &search)
            if search.found == nil { search.values.removeLast() }
        }
    }

    private func descend(_ child: Int, _ end: Int, _ path: Span<UInt8>, _ search: inout Search) {
        if end < path.count { return visit(child, end + 1, path, &search) }
        choose(nodes[child].exact, &search)
        search.afterSlash = search.afterSlash ?? nodes[child].slash.first ?? nodes[child].rest.first
    }

    /// Finds the longest prefix with which the path begins, counted in segments.
    ///
    /// If two such prefixes have the same length, it finds the one with the earlier literal.
    private func visitPrefixes(
        _ node: Int, _ start: Int, _ path: Span<UInt8>, segments: Int, _ longest: inout (segments: Int, scope: Scope?)
    ) {
        if let scope = nodes[node].scope, segments > longest.segments { longest = (segments, scope) }
        let (end, isEncoded) = Self.segment(from: start, of: path)
        guard start < end else { return }
        let next = min(end + 1, path.count)
        if let child = literal(path.extracting(start..<end), isEncoded: isEncoded, below: node) {
            visitPrefixes(child, next, path, segments: segments + 1, &longest)
        }
        if let child = nodes[node].parameter {
            visitPrefixes(child, next, path, segments: segments + 1, &longest)
        }
    }

    /// The child for a segment, which may be percent-encoded.
    private func literal(_ segment: Span<UInt8>, isEncoded: Bool, below node: Int) -> Int? {
        guard !nodes[node].literals.isEmpty else { return nil }
        guard isEncoded else { return literal(segment, below: node) }
        var encoded: [UInt8] = []
        for index in segment.indices { encoded.append(segment[index]) }
        return PercentEncoding.decodedBytes(encoded[...]).flatMap { literal($0.span, below: node) }
    }

    /// Chooses the route for the method.
    ///
    /// A route for GET also serves HEAD.
    private func choose(_ candidates: [Int], _ search: inout Search) {
        guard search.found == nil else { return }
        search.found =
            candidates.first { routes[$0].method == search.method }
            ?? (search.method == .head ? candidates.first { routes[$0].method == .get } : nil)
        if search.found == nil { search.others += candidates }
    }
}
