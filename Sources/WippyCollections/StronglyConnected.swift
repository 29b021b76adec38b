/// Finds the circles of a graph: sets of vertices of which each leads to every other (Tarjan's algorithm).
package struct StronglyConnected {
    /// The sets, each after all that its edges lead to; a vertex in no circle is a set of its own.
    package private(set) var components: [[Int]] = []

    /// The index of each vertex's set among ``components``.
    package private(set) var component: [Int]

    /// One way or more around each set, each the vertices from one back to before itself.
    ///
    /// No two share a vertex, so that all of them together are no longer than the graph.
    package private(set) var circles: [[Int]] = []

    private let edges: [[Int]]
    private var number: [Int?]
    private var lowest: [Int]
    private var open: [Int] = []
    private var path: [Step] = []
    /// Where on the path each vertex is.
    private var depth: [Int?]

    /// A vertex on the way from the start to where the walk is.
    private struct Step {
        let vertex: Int
        var edge = 0
        /// How many vertices of the path up to this one are in a circle that was found.
        var inCircles: Int
    }

    /// Takes time and memory linear in vertices and edges; the thread's stack does not grow.
    ///
    /// - Parameter edges: for each vertex, those that its edges lead to.
    package init(edges: [[Int]]) {
        self.edges = edges
        component = Array(repeating: -1, count: edges.count)
        number = Array(repeating: nil, count: edges.count)
        lowest = Array(repeating: 0, count: edges.count)
        depth = Array(repeating: nil, count: edges.count)
        var next = 0
        for vertex in edges.indices where number[vertex] == nil { visit(vertex, &next) }
    }

    private mutating func visit(_ start: Int, _ next: inout Int) {
        enter(start, &next)
        while let step = path.last {
            let vertex = step.vertex
            if step.edge < edges[vertex].count {
                path[path.count - 1].edge += 1
                let target = edges[vertex][step.edge]
                if let seen = number[target] {
                    if component[target] < 0 { lowest[vertex] = min(lowest[vertex], seen) }
                    if let depth = depth[target] { noteCircle(from: depth) }
                } else {
                    enter(target, &next)
                }
            } else {
                path.removeLast()
                depth[vertex] = nil
                if let before = path.last?.vertex { lowest[before] = min(lowest[before], lowest[vertex]) }
                if lowest[vertex] == number[vertex] { close(vertex) }
            }
        }
    }

    private mutating func enter(_ vertex: Int, _ next: inout Int) {
        number[vertex] = next
        lowest[vertex] = next
        next += 1
        open.append(vertex)
        depth[vertex] = path.count
        path.append(Step(vertex: vertex, inCircles: path.last?.inCircles ?? 0))
    }

    /// Notes the circle that the path makes from a depth on.
    ///
    /// Does nothing if a vertex of it is in a circle already.
    private mutating func noteCircle(from depth: Int) {
        let before = depth == 0 ? 0 : path[depth - 1].inCircles
        guard path[path.count - 1].inCircles == before else { return }
        for index in depth..<path.count { path[index].inCircles = before + index - depth + 1 }
        circles.append(path[depth...].map(\.vertex))
    }

    /// All that is open from a vertex on is one set.
    private mutating func close(_ vertex: Int) {
        var members: [Int] = []
        while let member = open.popLast() {
            component[member] = components.count
            members.append(member)
            if member == vertex { break }
        }
        components.append(members)
    }
}
