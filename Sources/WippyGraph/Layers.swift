/// The layer of each box.
///
/// A box is in a later layer than the boxes from which lines lead to it, except for ``turned`` lines.
struct Layers {
    /// The layer of each box, from 0.
    private(set) var layers: [Int]

    /// The indices of the lines that are used in the opposite direction, so that boxes in a cycle have layers, too.
    private(set) var turned: Set<Int> = []

    /// Computes the layers.
    ///
    /// - Parameters:
    ///   - count: the number of boxes.
    ///   - edges: lines between boxes. No line may lead from a box to itself.
    init(count: Int, _ edges: [LayeredLayout.Edge]) {
        var leaving = Array(repeating: [Int](), count: count)
        for (index, edge) in edges.enumerated() { leaving[edge.from].append(index) }
        let (order, turned) = Self.walk(count: count, edges, leaving: leaving)
        self.turned = turned
        var before = Array(repeating: [Int](), count: count)
        var after = before
        for (index, edge) in edges.enumerated() {
            let (from, to) = turned.contains(index) ? (edge.to, edge.from) : (edge.from, edge.to)
            before[to].append(from)
            after[from].append(to)
        }
        layers = Array(repeating: 0, count: count)
        for box in order { layers[box] = before[box].map { layers[$0] + 1 }.max() ?? 0 }
        // If more lines leave a box than arrive at it, the box is placed near the boxes to which its lines lead.
        for box in order.reversed() where after[box].count > before[box].count {
            guard let next = after[box].map({ layers[$0] }).min() else { continue }
            layers[box] = max(layers[box], next - 1)
        }
        let used = Dictionary(uniqueKeysWithValues: Set(layers).sorted().enumerated().map { ($1, $0) })
        layers = layers.map { used[$0] ?? 0 }
    }

    private enum Mark { case unseen, open, done }

    /// Walks along all lines, and returns the boxes in an order in which only turned lines lead to an earlier box.
    private static func walk(
        count: Int, _ edges: [LayeredLayout.Edge], leaving: [[Int]]
    ) -> (order: [Int], turned: Set<Int>) {
        var marks = Array(repeating: Mark.unseen, count: count)
        var (finished, turned): ([Int], Set<Int>) = ([], [])
        let reached = Set(edges.map(\.to))
        // A walk begins at a box where no line ends, if there is such a box. So a cycle is cut where the walk enters
        // it.
        for start in (0..<count).filter({ !reached.contains($0) }) + Array(0..<count) where marks[start] == .unseen {
            var path = [(box: start, next: 0)]
            marks[start] = .open
            while let (box, next) = path.last {
                guard next < leaving[box].count else {
                    marks[box] = .done
                    finished.append(box)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let to = edges[leaving[box][next]].to
                switch marks[to] {
                case .unseen:
                    marks[to] = .open
                    path.append((to, 0))
                case .open: turned.insert(leaving[box][next])
                case .done: break
                }
            }
        }
        return (finished.reversed(), turned)
    }
}
