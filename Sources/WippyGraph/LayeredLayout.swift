/// Places boxes in layers, with lines between them.
///
/// It computes positions and sizes, not colors or words. Lines lead to later layers. But if lines form a cycle, some of
/// them lead back. Lines of one group that end at the same box may join on their way. The same boxes and lines
/// always get the same positions.
///
/// Method: Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures", 1981.
public struct LayeredLayout: Sendable, Equatable {
    /// A point in a picture, in pixels from the upper left corner of the picture.
    public struct Point: Sendable, Hashable {
        /// The distance from the left.
        public var x: Double
        /// The distance from the top.
        public var y: Double

        /// Creates a point.
        public init(x: Double, y: Double) {
            (self.x, self.y) = (x, y)
        }
    }

    /// A width and a height in pixels.
    public struct Size: Sendable, Equatable {
        /// The width.
        public var width: Double
        /// The height.
        public var height: Double

        /// Creates a size.
        public init(width: Double, height: Double) {
            (self.width, self.height) = (width, height)
        }
    }

    /// A box with its position.
    public struct Box: Sendable, Equatable {
        /// The upper left corner of the box.
        public var origin: Point
        /// The size of the box.
        ///
        /// In a group of connected boxes, all boxes of a layer extend equally far in the direction of the lines. So a
        /// box can be larger than the size that you passed.
        public var size: Size
    }

    /// A line between two boxes.
    public struct Edge: Sendable, Hashable {
        /// The index of the box where the line begins.
        public let from: Int

        /// The index of the box where the line ends.
        public let to: Int

        /// The number of the line's group.
        ///
        /// Lines of one group have the same look, so they may share pieces.
        public let group: Int

        /// The weight of the line; 1 for an ordinary line.
        ///
        /// The layout tries harder to keep a line with a greater weight short, and to avoid its crossings.
        public let weight: Int

        /// Creates a line.
        ///
        /// The weight must be at least 1.
        public init(from: Int, to: Int, group: Int, weight: Int = 1) {
            (self.from, self.to, self.group, self.weight) = (from, to, group, weight)
        }
    }

    /// A piece of one line, or of several lines that share it.
    public struct Piece: Sendable, Equatable {
        /// The point where the piece begins.
        public var from: Point
        /// The point where the piece ends.
        public var to: Point

        /// The two control points of a curve; empty for a straight piece.
        public var controls: [Point]

        /// The indices of the lines to which the piece belongs.
        public var edges: [Int]

        /// True if the piece is the last one of its lines.
        public var isEnd: Bool
    }

    /// The direction in which lines lead.
    public enum Direction: Sendable {
        /// From top to bottom.
        case down
        /// From left to right.
        case right
    }

    /// The boxes, in the same order as the sizes from which the layout was made.
    public private(set) var boxes: [Box]

    /// The pieces of all lines, each once, even if several lines share it.
    public private(set) var pieces: [Piece] = []

    /// The size of the whole picture.
    public private(set) var size = Size(width: 0, height: 0)

    private static let componentGap = 36.0

    /// Places boxes from top to bottom if that picture fits the width of a page, otherwise from left to right.
    ///
    /// - Parameters:
    ///   - sizes: the size of each box.
    ///   - edges: the lines between boxes. A line from a box to itself is left out.
    ///   - maxWidth: the width of the page, in pixels.
    public init(of sizes: [Size], _ edges: [Edge], maxWidth: Double) {
        let down = LayeredLayout(of: sizes, edges, .down, maxWidth: maxWidth)
        self = down.size.width <= maxWidth ? down : LayeredLayout(of: sizes, edges, .right, maxWidth: maxWidth)
    }

    /// Places boxes in a given direction.
    ///
    /// - Parameters:
    ///   - sizes: the size of each box.
    ///   - edges: the lines between boxes. A line from a box to itself is left out.
    ///   - direction: the direction of the lines.
    ///   - maxWidth: the width, in pixels, up to which unconnected groups of boxes are placed side by side. If a group
    ///     is wider, the width of the widest group counts instead.
    public init(of sizes: [Size], _ edges: [Edge], _ direction: Direction, maxWidth: Double) {
        boxes = sizes.map { Box(origin: Point(x: 0, y: 0), size: $0) }
        let parts = Self.components(count: sizes.count, edges).map { members in
            ComponentLayout(members, sizes, edges, direction)
        }
        let width = max(parts.map(\.size.width).max() ?? 0, maxWidth)
        // The groups are placed in rows, like the words of a text.
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

    /// Returns the groups of connected boxes, the largest group first.
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
