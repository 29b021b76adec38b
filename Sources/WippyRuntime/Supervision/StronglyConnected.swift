/// Finds the circles of a graph: sets of vertices of which each leads to every other (Tarjan's algorithm).
struct StronglyConnected {
    /// The sets, each after all that its edges lead to; a vertex in no circle is a set of its own.
    private(set) var components: [[Int]] = []

    /// The place of each vertex's set among ``components``.
    private(set) var component: [Int]

    private let edges: [[Int]]
    private var number: [Int?]
    private var lowest: [Int]
    private var open: [Int] = []

    /// Takes time and memory linear in vertices and edges; the thread's stack does not grow.
    ///
    /// - Parameter edges: for each vertex, those that its edges lead to.
    init(edges: [[Int]]) {
        self.edges = edges
        component = Array(repeating: -1, count: edges.count)
        number = Array(repeating: nil, count: edges.count)
        lowest = Array(repeating: 0, count: edges.count)
        var next = 0
        for vertex in edges.indices where number[vertex] == nil { visit(vertex, &next) }
    }

    private mutating func visit(_ start: Int, _ next: inout Int) {
        var path: [(vertex: Int, edge: Int)] = []
        enter(start, &next, &path)
        while let (vertex, edge) = path.last {
            if edge < edges[vertex].count {
                path[path.count - 1].edge += 1
                let target = edges[vertex][edge]
                if let seen = number[target] {
                    if component[target] < 0 { lowest[vertex] = min(lowest[vertex], seen) }
                } else {
                    enter(target, &next, &path)
                }
            } else {
                path.removeLast()
                if let before = path.last?.vertex { lowest[before] = min(lowest[before], lowest[vertex]) }
                if lowest[vertex] == number[vertex] { close(vertex) }
            }
        }
    }

    private mutating func enter(_ vertex: Int, _ next: inout Int, _ path: inout [(vertex: Int, edge: Int)]) {
        number[vertex] = next
        lowest[vertex] = next
        next += 1
        open.append(vertex)
        path.append((vertex, 0))
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
