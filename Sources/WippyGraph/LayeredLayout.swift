/// Places boxes in layers, with lines between them.
///
/// It decides where everything is, not how it looks.
///
/// Lines lead from each layer to later ones. Between two layers, where there is no box, they are curves. Beside the
/// boxes of a layer, where room is kept for them, they are straight. So no line crosses a box. Lines of one group that
/// end at the same box join on their way. The same boxes and lines always get the same places.
///
/// Method: Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures", 1981.
public struct LayeredLayout: Sendable, Equatable {
    /// A place, in pixels from the left and from the top.
    public struct Point: Sendable, Hashable {
        /// How far to the right.
        public var x: Double
        /// How far down.
        public var y: Double

        /// Creates a place.
        public init(x: Double, y: Double) {
            (self.x, self.y) = (x, y)
        }
    }

    /// A width and a height in pixels.
    public struct Size: Sendable, Equatable {
        /// From left to right.
        public var width: Double
        /// From top to bottom.
        public var height: Double

        /// Creates a size.
        public init(width: Double, height: Double) {
            (self.width, self.height) = (width, height)
        }
    }

    /// A box in its place.
    public struct Box: Sendable, Equatable {
        /// Its left upper corner.
        public var origin: Point
        /// Its width and height, no less than it was given.
        public var size: Size
    }

    /// A line to draw.
    public struct Edge: Sendable, Hashable {
        /// The box where it begins, as its position in the list of boxes.
        public let from: Int

        /// The box where it ends.
        public let to: Int

        /// Lines of one group look alike.
        ///
        /// They join if they end at one box, and part if they begin at one.
        public let group: Int

        /// How important it is that the line is short and nothing crosses it; 1 for a usual line.
        public let weight: Int

        /// Creates a line.
        public init(from: Int, to: Int, group: Int, weight: Int = 1) {
            (self.from, self.to, self.group, self.weight) = (from, to, group, weight)
        }
    }

    /// A piece of one or several lines.
    public struct Piece: Sendable, Equatable {
        /// Where it begins.
        public var from: Point
        /// Where it ends.
        public var to: Point

        /// The two control points of a curve; none for a straight piece.
        public var controls: [Point]

        /// The lines that it is a piece of.
        public var edges: [Int]

        /// Whether the lines end where the piece ends.
        public var isEnd: Bool
    }

    /// Which way lines lead.
    public enum Direction: Sendable {
        /// From above to below.
        case down
        /// From left to right: for many boxes.
        case right
    }

    /// The boxes, in the order in which they were given.
    public private(set) var boxes: [Box]

    /// The pieces of the lines, each once.
    public private(set) var pieces: [Piece] = []

    /// The size of the whole picture.
    public private(set) var size = Size(width: 0, height: 0)

    private static let componentGap = 36.0

    /// Places boxes in the direction in which the picture fits a page.
    ///
    /// - Parameters:
    ///   - sizes: the size of each box.
    ///   - edges: the lines between boxes.
    ///   - widthMax: the width of a page.
    public init(of sizes: [Size], _ edges: [Edge], widthMax: Double) {
        let down = LayeredLayout(of: sizes, edges, .down, widthMax: widthMax)
        self = down.size.width <= widthMax ? down : LayeredLayout(of: sizes, edges, .right, widthMax: widthMax)
    }

    /// Places boxes.
    ///
    /// A line from a box to itself is left out.
    ///
    /// - Parameters:
    ///   - sizes: the size of each box.
    ///   - edges: the lines between boxes.
    ///   - direction: the direction of the lines.
    ///   - widthMax: how wide unconnected boxes may stand side by side.
    public init(of sizes: [Size], _ edges: [Edge], _ direction: Direction, widthMax: Double) {
        boxes = sizes.map { Box(origin: Point(x: 0, y: 0), size: $0) }
        let parts = Self.components(count: sizes.count, edges).map { members in
            ComponentLayout(members, sizes, edges, direction)
        }
        let width = max(parts.map(\.size.width).max() ?? 0, widthMax)
        // In rows, as words of a text.
        var place = Point(x: 0, y: 0)
        var rowHeight = 0.0
        for part in parts {
            if place.x > 0, place.x + part.size.width > width {
                place = Point(x: 0, y: place.y + rowHeight + Self.componentGap)
                rowHeight = 0
            }
            for (member, box) in part.boxes { boxes[member] = box.moved(by: place) }
            pieces += part.pieces.map { $0.moved(by: place) }
            size.width = max(size.width, place.x + part.size.width)
            rowHeight = max(rowHeight, part.size.height)
            size.height = max(size.height, place.y + rowHeight)
            place.x += part.size.width + Self.componentGap
        }
    }

    /// The boxes that lines connect, the largest group first.
    private static func components(count: Int, _ edges: [Edge]) -> [[Int]] {
        var roots = Array(0..<count)
        func root(of member: Int) -> Int {
            var member = member
            while roots[member] != member {
                roots[member] = roots[roots[member]]
                member = roots[member]
            }
            return member
        }
        for edge in edges {
            let (left, right) = (root(of: edge.from), root(of: edge.to))
            roots[max(left, right)] = min(left, right)
        }
        let groups = Dictionary(grouping: 0..<count) { root(of: $0) }.values
        return groups.sorted { $0.count == $1.count ? $0[0] < $1[0] : $0.count > $1.count }
    }
}

extension LayeredLayout.Point {
    func moved(by offset: LayeredLayout.Point) -> LayeredLayout.Point {
        LayeredLayout.Point(x: x + offset.x, y: y + offset.y)
    }
}

extension LayeredLayout.Box {
    fileprivate func moved(by offset: LayeredLayout.Point) -> LayeredLayout.Box {
        LayeredLayout.Box(origin: origin.moved(by: offset), size: size)
    }
}

extension LayeredLayout.Piece {
    fileprivate func moved(by offset: LayeredLayout.Point) -> LayeredLayout.Piece {
        LayeredLayout.Piece(
            from: from.moved(by: offset), to: to.moved(by: offset), controls: controls.map { $0.moved(by: offset) },
            edges: edges, isEnd: isEnd)
    }
}
