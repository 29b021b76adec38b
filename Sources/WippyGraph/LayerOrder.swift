/// An order of boxes and points in their layers in which few lines cross.
struct LayerOrder {
    /// The vertices of each layer, in order.
    private(set) var layers: [[Int]]

    /// For each vertex, the linked vertices in the layer before it and in the layer after it.
    let before: [[Int]]
    let after: [[Int]]

    private var places: [Int]

    private static let sweeps = 12

    /// Orders vertices.
    ///
    /// - Parameters:
    ///   - layerOfVertex: the layer of each vertex.
    ///   - links: pairs of vertices, the first in the layer before the second. A pair with more weight occurs several
    ///     times.
    init(_ layerOfVertex: [Int], links: [(from: Int, to: Int)]) {
        var (before, after) = (
            Array(repeating: [Int](), count: layerOfVertex.count), Array(repeating: [Int](), count: layerOfVertex.count)
        )
        for link in links {
            after[link.from].append(link.to)
            before[link.to].append(link.from)
        }
        (self.before, self.after) = (before, after)
        layers = Array(repeating: [], count: (layerOfVertex.max() ?? -1) + 1)
        places = Array(repeating: 0, count: layerOfVertex.count)
        for vertex in Self.walk(after, before) { layers[layerOfVertex[vertex]].append(vertex) }
        for layer in layers.indices { notePlaces(in: layer) }
        var (best, fewest) = (layers, crossings)
        for sweep in 0..<Self.sweeps where fewest > 0 {
            let isDown = sweep % 2 == 0
            for layer in isDown ? Array(layers.indices.dropFirst()) : layers.indices.dropLast().reversed() {
                sort(layer, by: isDown ? before : after)
            }
            let count = crossings
            if count < fewest { (best, fewest) = (layers, count) }
        }
        layers = best
    }

    /// Returns the vertices in the order of a walk along the links, so that linked vertices begin near each other.
    private static func walk(_ after: [[Int]], _ before: [[Int]]) -> [Int] {
        var seen = Array(repeating: false, count: after.count)
        var order: [Int] = []
        for start in after.indices.filter({ before[$0].isEmpty }) + Array(after.indices) where !seen[start] {
            var open = [start]
            while let vertex = open.popLast() {
                guard !seen[vertex] else { continue }
                seen[vertex] = true
                order.append(vertex)
                open += after[vertex].reversed().filter { !seen[$0] }
            }
        }
        return order
    }

    private mutating func notePlaces(in layer: Int) {
        for (place, vertex) in layers[layer].enumerated() { places[vertex] = place }
    }

    /// Sorts a layer by the mean position of each vertex's neighbours.
    ///
    /// A vertex without neighbours keeps its position.
    private mutating func sort(_ layer: Int, by neighbours: [[Int]]) {
        let middles = layers[layer].map { vertex -> Double in
            let near = neighbours[vertex]
            guard !near.isEmpty else { return Double(places[vertex]) }
            return near.reduce(0.0) { $0 + Double(places[$1]) } / Double(near.count)
        }
        let sorted = layers[layer].indices.sorted { middles[$0] == middles[$1] ? $0 < $1 : middles[$0] < middles[$1] }
        layers[layer] = sorted.map { layers[layer][$0] }
        notePlaces(in: layer)
    }

    /// The number of crossings of lines: for each link in order, the number of earlier links that end at a later
    /// position.
    private var crossings: Int {
        layers.dropLast().reduce(0) { count, layer in
            let ends = layer.flatMap { vertex in after[vertex].map { places[$0] }.sorted() }
            // This is a Fenwick tree.
            var sums = Array(repeating: 0, count: (ends.max() ?? 0) + 2)
            var crossed = 0
            for (seen, end) in ends.enumerated() {
                var (index, within) = (end + 1, 0)
                while index > 0 {
                    within += sums[index]
                    index -= index & -index
                }
                crossed += seen - within
                index = end + 1
                while index < sums.count {
                    sums[index] += 1
                    index += index & -index
                }
            }
            return count + crossed
        }
    }
}
