/// The layout of one group of boxes that lines connect.
struct ComponentLayout {
    typealias Point = LayeredLayout.Point
    typealias Size = LayeredLayout.Size

    /// The boxes, each with its index among all boxes.
    private(set) var boxes: [(member: Int, box: LayeredLayout.Box)] = []
    private(set) var pieces: [LayeredLayout.Piece] = []
    private(set) var size = Size(width: 0, height: 0)

    /// A box, or a point at which lines pass through a layer.
    private struct Vertex {
        let layer: Int
        /// The extent of the vertex across the lines.
        var breadth: Double
        var depth: Double
    }

    /// A part of a line, from a vertex to a vertex of the next layer.
    private struct Link: Hashable {
        let from: Int
        let to: Int
        let group: Int
        /// True if the line leads in the other direction.
        let isTurned: Bool
    }

    /// The position on one side of a box where similar lines leave or arrive.
    private struct Port: Hashable {
        let vertex: Int
        let isAfter: Bool
        let group: Int
        let isTurned: Bool
    }

    private let direction: LayeredLayout.Direction
    private var vertices: [Vertex] = []
    private var links: [Link: [Int]] = [:]
    private var middles: [Double] = []
    /// The beginning and the end of each layer, along the lines.
    private var spans: [(from: Double, to: Double)] = []

    private static let pointBreadth = 4.0
    private static let boxGap = 18.0
    private static let layerGap = 40.0
    private static let portGap = 14.0

    /// - Parameters:
    ///   - members: the indices of the boxes among all boxes.
    init(
        _ members: [Int], _ sizes: [Size], _ edges: [LayeredLayout.Edge], _ direction: LayeredLayout.Direction
    ) {
        self.direction = direction
        let places = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1, $0) })
        let own = edges.indices.filter { places[edges[$0].from] != nil && edges[$0].from != edges[$0].to }
        let local = own.map { index in
            LayeredLayout.Edge(
                from: places[edges[index].from] ?? 0, to: places[edges[index].to] ?? 0, group: edges[index].group,
                weight: edges[index].weight)
        }
        let layers = Layers(count: members.count, local)
        for (place, member) in members.enumerated() {
            let size = sizes[member]
            let (breadth, depth) = direction == .down ? (size.width, size.height) : (size.height, size.width)
            vertices.append(Vertex(layer: layers.layers[place], breadth: breadth, depth: depth))
        }
        for (place, edge) in local.enumerated() {
            addLinks(for: edge, as: own[place], isTurned: layers.turned.contains(place))
        }
        let ordered = links.keys.sorted { left, right in
            (left.from, left.to, left.group, left.isTurned ? 1 : 0)
                < (right.from, right.to, right.group, right.isTurned ? 1 : 0)
        }
        let weighted = ordered.flatMap { link in
            let weight = (links[link] ?? []).map { edges[$0].weight }.max() ?? 1
            return Array(repeating: (from: link.from, to: link.to), count: weight)
        }
        let order = LayerOrder(vertices.map(\.layer), links: weighted)
        let isPoint = vertices.indices.map { $0 >= members.count }
        middles =
            LayerPlacement(
                order, breadths: vertices.map(\.breadth), isPoint: isPoint, gap: Self.boxGap
            ).middles
        spans = spans(of: order, ordered)
        placeBoxes(members)
        placePieces(ordered, boxCount: members.count)
    }

    /// Adds the links of a line, with a point in each layer between its ends.
    ///
    /// Lines of one group that lead to the same box share their points.
    private mutating func addLinks(for edge: LayeredLayout.Edge, as index: Int, isTurned: Bool) {
        let (first, last) = isTurned ? (edge.to, edge.from) : (edge.from, edge.to)
        var from = first
        for layer in (vertices[first].layer + 1)..<vertices[last].layer {
            let to = point(towards: last, in: layer, edge.group, isTurned)
            links[Link(from: from, to: to, group: edge.group, isTurned: isTurned), default: []].append(index)
            from = to
        }
        links[Link(from: from, to: last, group: edge.group, isTurned: isTurned), default: []].append(index)
    }

    private struct PointKey: Hashable {
        let target: Int
        let layer: Int
        let group: Int
        let isTurned: Bool
    }

    private var points: [PointKey: Int] = [:]

    private mutating func point(towards target: Int, in layer: Int, _ group: Int, _ isTurned: Bool) -> Int {
        let key = PointKey(target: target, layer: layer, group: group, isTurned: isTurned)
        if let known = points[key] { return known }
        vertices.append(Vertex(layer: layer, breadth: Self.pointBreadth, depth: 0))
        points[key] = vertices.count - 1
        return vertices.count - 1
    }

    /// Returns the position of each layer.
    ///
    /// The distance between two layers grows with the length of the lines between them, measured along the layers.
    private func spans(of order: LayerOrder, _ links: [Link]) -> [(from: Double, to: Double)] {
        var reach = Array(repeating: 0.0, count: order.layers.count)
        for link in links {
            let layer = vertices[link.from].layer
            reach[layer] = max(reach[layer], abs(middles[link.from] - middles[link.to]))
        }
        var spans: [(from: Double, to: Double)] = []
        var place = 0.0
        for (layer, members) in order.layers.enumerated() {
            let depth = members.map { vertices[$0].depth }.max() ?? 0
            spans.append((place, place + depth))
            place += depth + Self.layerGap + min(reach[layer] / 12, 48).rounded()
        }
        return spans
    }

    private mutating func placeBoxes(_ members: [Int]) {
        for (vertex, member) in members.enumerated() {
            let (span, breadth) = (spans[vertices[vertex].layer], vertices[vertex].breadth)
            let across = middles[vertex] - breadth / 2
            let origin = point(along: span.from, across: across)
            // In a column, all boxes are as wide as the widest one.
            let depth = span.to - span.from
            let box = LayeredLayout.Box(
                origin: origin,
                size: direction == .down
                    ? Size(width: breadth, height: depth) : Size(width: depth, height: breadth))
            boxes.append((member, box))
            size.width = max(size.width, origin.x + box.size.width)
            size.height = max(size.height, origin.y + box.size.height)
        }
        for vertex in vertices.indices.dropFirst(members.count) {
            let edge = point(along: 0, across: middles[vertex] + Self.pointBreadth / 2)
            size = Size(width: max(size.width, edge.x), height: max(size.height, edge.y))
        }
    }

    private func point(along: Double, across: Double) -> Point {
        direction == .down ? Point(x: across, y: along) : Point(x: along, y: across)
    }

    private mutating func placePieces(_ links: [Link], boxCount: Int) {
        let ports = ports(of: links, boxCount: boxCount)
        for link in links {
            let edges = self.links[link] ?? []
            let start = Port(vertex: link.from, isAfter: true, group: link.group, isTurned: link.isTurned)
            let end = Port(vertex: link.to, isAfter: false, group: link.group, isTurned: link.isTurned)
            let from = (along: spans[vertices[link.from].layer].to, across: ports[start] ?? middles[link.from])
            let to = (along: spans[vertices[link.to].layer].from, across: ports[end] ?? middles[link.to])
            let middle = (from.along + to.along) / 2
            var piece = LayeredLayout.Piece(
                from: point(along: from.along, across: from.across), to: point(along: to.along, across: to.across),
                controls: from.across == to.across
                    ? [] : [point(along: middle, across: from.across), point(along: middle, across: to.across)],
                edges: edges, isEnd: link.isTurned ? link.from < boxCount : link.to < boxCount)
            if link.isTurned {
                (piece.from, piece.to) = (piece.to, piece.from)
                piece.controls.reverse()
            }
            pieces.append(piece)
        }
        let reaching = Dictionary(grouping: links, by: \.to)
        for (key, vertex) in points.sorted(by: { $0.value < $1.value }) {
            let span = spans[key.layer]
            var ends = (
                point(along: span.from, across: middles[vertex]), point(along: span.to, across: middles[vertex])
            )
            if key.isTurned { ends = (ends.1, ends.0) }
            let edges = (reaching[vertex] ?? []).flatMap { self.links[$0] ?? [] }
            pieces.append(
                LayeredLayout.Piece(from: ends.0, to: ends.1, controls: [], edges: edges, isEnd: false))
        }
    }

    /// Returns the positions where lines leave and reach boxes, side by side, in the order of their other ends.
    private func ports(of links: [Link], boxCount: Int) -> [Port: Double] {
        var ends: [Port: [Double]] = [:]
        for link in links {
            let start = Port(vertex: link.from, isAfter: true, group: link.group, isTurned: link.isTurned)
            let end = Port(vertex: link.to, isAfter: false, group: link.group, isTurned: link.isTurned)
            if link.from < boxCount { ends[start, default: []].append(middles[link.to]) }
            if link.to < boxCount { ends[end, default: []].append(middles[link.from]) }
        }
        var places: [Port: Double] = [:]
        let sides = Dictionary(grouping: ends.keys) { [$0.vertex, $0.isAfter ? 1 : 0] }
        for side in sides.values {
            func mean(_ port: Port) -> Double {
                let others = ends[port] ?? []
                return others.reduce(0, +) / Double(max(others.count, 1))
            }
            let sorted = side.sorted { left, right in
                (mean(left), left.group, left.isTurned ? 1 : 0) < (mean(right), right.group, right.isTurned ? 1 : 0)
            }
            let vertex = sorted[0].vertex
            let gap = min(Self.portGap, vertices[vertex].breadth * 0.8 / Double(sorted.count))
            for (index, port) in sorted.enumerated() {
                places[port] = middles[vertex] + (Double(index) - Double(sorted.count - 1) / 2) * gap
            }
        }
        return places
    }
}
