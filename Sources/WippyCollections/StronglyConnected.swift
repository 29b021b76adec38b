/// Finds the cycles of a graph, with Tarjan's algorithm for strongly connected components.
///
/// A component is a set of vertices in which each vertex leads to every other one.
package struct StronglyConnected {
    /// The components, each after all components to which its edges lead.
    ///
    /// A vertex that is in no cycle is a component by itself.
    package private(set) var components: [[Int]] = []

    /// For each vertex, the index of its component in ``components``.
    package private(set) var component: [Int]

    /// Cycles in the components, at least one in each component that has a cycle.
    ///
    /// A cycle is the list of its vertices in order, each of them once. Two cycles share no vertex, so all cycles
    /// together are not longer than the graph.
    package private(set) var cycles: [[Int]] = []

    private let edges: [[Int]]
    private var number: [Int?]
    private var lowest: [Int]
    private var open: [Int] = []
    private var path: [Step] = []
    /// The index of each vertex on the path; nil if it is not on the path.
    private var depth: [Int?]

    /// A vertex on the path from the start to the current vertex.
    private struct Step {
        let vertex: Int
        var edge = 0
        /// The number of vertices of the path, up to this one, that are in a found cycle.
        var inCycles: Int
    }

    /// Finds the components and cycles of a graph.
    ///
    /// The time and the memory are linear in the number of vertices and edges. The thread's stack does not grow.
    ///
    /// - Parameter edges: for each vertex, the vertices to which its edges lead.
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
                    if let depth = depth[target] { noteCycle(from: depth) }
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
        path.append(Step(vertex: vertex, inCycles: path.last?.inCycles ?? 0))
    }

    /// Notes the cycle that the path makes from a depth on.
    ///
    /// If one of its vertices is already in a cycle, this does nothing.
    private mutating func noteCycle(from depth: Int) {
        let before = depth == 0 ? 0 : path[depth - 1].inCycles
        guard path[path.count - 1].inCycles == before else { return }
        for index in depth..<path.count { path[index].inCycles = before + index - depth + 1 }
        cycles.append(path[depth...].map(\.vertex))
    }

    /// Makes a component of all open vertices from `vertex` on.
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
