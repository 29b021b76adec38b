import Testing
import WippyGraph
import WippyTestTools

/// Where boxes and lines are, whatever they stand for.
@Suite("The layout of a graph")
struct LayeredLayoutTests {
    /// Boxes and lines by chance, cycles and lines of several groups among them.
    private static func drawing(seed: UInt64, boxes: Int) -> (sizes: [LayeredLayout.Size], edges: [LayeredLayout.Edge])
    {
        var random = SeededGenerator(seed: seed)
        let sizes = (0..<boxes).map { _ in
            LayeredLayout.Size(width: Double(Int.random(in: 60...220, using: &random)), height: 42)
        }
        let edges = (0..<(boxes * 3 / 2)).map { _ in
            LayeredLayout.Edge(
                from: Int.random(in: 0..<boxes, using: &random), to: Int.random(in: 0..<boxes, using: &random),
                group: Int.random(in: 0..<3, using: &random))
        }
        return (sizes, edges)
    }

    @Test("No boxes overlap, no line crosses a box, and each leads from box to box", arguments: 0..<20)
    func isReadable(_ seed: Int) throws {
        let (sizes, edges) = Self.drawing(seed: UInt64(seed), boxes: 2 + seed * 3)
        for direction in [LayeredLayout.Direction.down, .right] {
            let layout = LayeredLayout(of: sizes, edges, direction, maxWidth: 960)
            for (index, box) in layout.boxes.enumerated() {
                #expect(box.size.width >= sizes[index].width && box.size.height >= sizes[index].height)
                #expect(box.left >= 0 && box.top >= 0)
                #expect(box.right <= layout.size.width && box.bottom <= layout.size.height)
                #expect(!layout.boxes[..<index].contains { $0.overlaps(box) })
            }
            for piece in layout.pieces {
                let points = piece.points
                #expect(!layout.boxes.contains { box in points.contains { box.holds($0) } })
            }
            for (index, edge) in edges.enumerated() where edge.from != edge.to {
                let way = try #require(layout.way(of: index), "line \(index) is in pieces")
                #expect(layout.boxes[edge.from].touches(way.first) && layout.boxes[edge.to].touches(way.last))
            }
        }
    }

    @Test("The same boxes and lines get the same places")
    func isTheSame() {
        let (sizes, edges) = Self.drawing(seed: 7, boxes: 60)
        let layout = LayeredLayout(of: sizes, edges, maxWidth: 960)
        #expect(layout == LayeredLayout(of: sizes, edges, maxWidth: 960))
    }

    @Test("Lines lead down, and lines of a group to one box join on their way")
    func joins() {
        let sizes = Array(repeating: LayeredLayout.Size(width: 80, height: 42), count: 5)
        // 0 and 1 lead to 4 past 2 and 3.
        let edges = [(0, 2), (1, 2), (2, 3), (3, 4), (0, 4), (1, 4)].enumerated().map { index, ends in
            LayeredLayout.Edge(from: ends.0, to: ends.1, group: index < 4 ? 0 : 1)
        }
        let layout = LayeredLayout(of: sizes, edges, maxWidth: 960)
        #expect(layout.boxes[0].top == layout.boxes[1].top && layout.boxes[0].bottom < layout.boxes[2].top)
        #expect(layout.pieces.contains { $0.edges == [4, 5] && $0.isEnd })
    }

    @Test("Nothing is an empty picture, and one box a picture of its size")
    func few() {
        #expect(LayeredLayout(of: [], [], maxWidth: 960).size == LayeredLayout.Size(width: 0, height: 0))
        let size = LayeredLayout.Size(width: 80, height: 42)
        #expect(LayeredLayout(of: [size], [.init(from: 0, to: 0, group: 0)], maxWidth: 960).size == size)
    }
}

extension LayeredLayout.Box {
    fileprivate var left: Double { origin.x }
    fileprivate var top: Double { origin.y }
    fileprivate var right: Double { origin.x + size.width }
    fileprivate var bottom: Double { origin.y + size.height }

    fileprivate func overlaps(_ other: LayeredLayout.Box) -> Bool {
        left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    /// Whether a place is inside, not at the edge.
    fileprivate func holds(_ point: LayeredLayout.Point) -> Bool {
        point.x > left + 0.01 && point.x < right - 0.01 && point.y > top + 0.01 && point.y < bottom - 0.01
    }

    fileprivate func touches(_ point: LayeredLayout.Point) -> Bool {
        point.x >= left - 0.01 && point.x <= right + 0.01 && point.y >= top - 0.01 && point.y <= bottom + 0.01
    }
}

extension LayeredLayout.Piece {
    /// Places on the piece, near each other.
    fileprivate var points: [LayeredLayout.Point] {
        (0...24).map { step in
            let (t, s) = (Double(step) / 24, 1 - Double(step) / 24)
            guard controls.count == 2 else {
                return LayeredLayout.Point(x: from.x * s + to.x * t, y: from.y * s + to.y * t)
            }
            func mix(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
                a * s * s * s + 3 * b * s * s * t + 3 * c * s * t * t + d * t * t * t
            }
            return LayeredLayout.Point(
                x: mix(from.x, controls[0].x, controls[1].x, to.x), y: mix(from.y, controls[0].y, controls[1].y, to.y))
        }
    }
}

extension LayeredLayout {
    /// Where a line begins and ends, if its pieces make one way.
    fileprivate func way(of edge: Int) -> (first: Point, last: Point)? {
        let own = pieces.filter { $0.edges.contains(edge) }
        let starts = Dictionary(own.map { ($0.from, $0) }) { first, _ in first }
        let ends = Set(own.map(\.to))
        guard starts.count == own.count, let first = own.first(where: { !ends.contains($0.from) }) else { return nil }
        var (piece, count) = (first, 1)
        while let next = starts[piece.to] { (piece, count) = (next, count + 1) }
        return count == own.count && piece.isEnd ? (first.from, piece.to) : nil
    }
}
