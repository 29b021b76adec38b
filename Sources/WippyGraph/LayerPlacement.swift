/// The position of each vertex across its layer: near its linked vertices, without an overlap.
struct LayerPlacement {
    /// The middle of each vertex.
    private(set) var middles: [Double]

    private let order: LayerOrder
    private let breadths: [Double]
    private let gap: Double
    /// True for each vertex that is only a point of a line.
    ///
    /// Linked points should form a straight line.
    private let isPoint: [Bool]

    private static let sweeps = 24

    /// Places the vertices of an order.
    ///
    /// - Parameters:
    ///   - breadths: the extent of each vertex across its layer.
    ///   - gap: the smallest distance between two vertices.
    init(_ order: LayerOrder, breadths: [Double], isPoint: [Bool], gap: Double) {
        (self.order, self.breadths, self.isPoint, self.gap) = (order, breadths, isPoint, gap)
        middles = Array(repeating: 0, count: breadths.count)
        for layer in order.layers { settle(layer, wishes: layer.map { _ in 0 }, weights: layer.map { _ in 1 }) }
        for sweep in 0..<Self.sweeps {
            let isLast = sweep >= Self.sweeps / 2
            for layer in order.layers { draw(layer) { isLast ? order.before[$0] + order.after[$0] : order.before[$0] } }
            for layer in order.layers.reversed() {
                draw(layer) { isLast ? order.before[$0] + order.after[$0] : order.after[$0] }
            }
        }
        let least = middles.indices.map { middles[$0] - breadths[$0] / 2 }.min() ?? 0
        for vertex in middles.indices { middles[vertex] -= least }
    }

    /// Moves the vertices of a layer towards their neighbours.
    private mutating func draw(_ layer: [Int], to neighbours: (Int) -> [Int]) {
        var (wishes, weights): ([Double], [Double]) = ([], [])
        for vertex in layer {
            let near = neighbours(vertex)
            guard !near.isEmpty else {
                wishes.append(middles[vertex])
                weights.append(0.1)
                continue
            }
            let pulls = near.map { isPoint[vertex] && isPoint[$0] ? 16.0 : 1 }
            let sum = pulls.reduce(0, +)
            wishes.append(zip(near, pulls).reduce(0.0) { $0 + middles[$1.0] * $1.1 } / sum)
            weights.append(sum)
        }
        settle(layer, wishes: wishes, weights: weights)
    }

    /// Gives each vertex of a layer the position nearest to its wish, by least squares.
    ///
    /// The order stays, and nothing overlaps: vertices that would overlap form a pool, which is placed at the mean of
    /// their wishes.
    private mutating func settle(_ layer: [Int], wishes: [Double], weights: [Double]) {
        var offsets: [Double] = []
        var offset = 0.0
        for (index, vertex) in layer.enumerated() {
            if index > 0 { offset += (breadths[layer[index - 1]] + breadths[vertex]) / 2 + gap }
            offsets.append(offset)
        }
        var pools: [(mean: Double, weight: Double, count: Int)] = []
        for index in layer.indices {
            var pool = (mean: wishes[index] - offsets[index], weight: weights[index], count: 1)
            while let last = pools.last, last.mean > pool.mean {
                pools.removeLast()
                let weight = last.weight + pool.weight
                pool = (
                    (last.mean * last.weight + pool.mean * pool.weight) / weight, weight, last.count + pool.count
                )
            }
            pools.append(pool)
        }
        let means = pools.flatMap { pool in Array(repeating: pool.mean, count: pool.count) }
        for (index, vertex) in layer.enumerated() { middles[vertex] = means[index] + offsets[index] }
    }
}
