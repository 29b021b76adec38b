public import WippyDefinition

/// The services of an application and the order in which they start and stop.
///
/// To start, a service waits for what it depends on, and for every required service of a lower rank. An edge beats the
/// order of roles: a service's rank is the highest among its own role and the ranks of all that it depends on. So edges
/// never lead upwards, and the two rules together make no circle. To stop, there is a ``StopOrder``.
public struct ServiceGraph: Sendable {
    /// An edge, seen from either end.
    struct Edge: Sendable, Hashable {
        let index: Int
        let condition: Requirement.Condition
    }

    /// A service in its place; services know each other by index.
    struct Node: Sendable {
        let service: SupervisedService
        fileprivate(set) var rank: ServiceRole
        fileprivate(set) var dependencies: [Edge] = []
        fileprivate(set) var dependents: [Edge] = []

        /// Whether it starts with the application: by its own policy, or because one that does needs it.
        fileprivate(set) var starts = false

        /// Whether it is required and starts, or one that is needs it: without it the application cannot run.
        fileprivate(set) var isEssential = false

        var id: EntryID { service.id }
        var policy: LifecyclePolicy { service.policy }
    }

    /// The services in order of id.
    private(set) var nodes: [Node]

    /// The services of each rank, in order of id.
    private(set) var members: [[Int]]

    /// Which services stop before which.
    let stopOrder: StopOrder

    /// The queues that services consume.
    let queues: [EntryID: Link<any MessageQueue>]

    private let indices: [EntryID: Int]

    /// Puts services in order; takes time linear in services and edges.
    ///
    /// - Parameters:
    ///   - services: the services, in any order.
    ///   - queues: the queues that they consume. One that is missing is not waited for in a stop.
    /// - Throws: ``ServiceGraphError`` when two services have one id, a dependency is none of the services, or
    ///   dependencies run in a circle. Whoever makes the services has refused all three with better words.
    public init(
        _ services: [SupervisedService], queues: [EntryID: Link<any MessageQueue>] = [:]
    ) throws(ServiceGraphError) {
        var nodes = services.sorted { $0.id < $1.id }.map { Node(service: $0, rank: $0.role) }
        var indices: [EntryID: Int] = [:]
        for (index, node) in nodes.enumerated() where indices.updateValue(index, forKey: node.id) != nil {
            throw ServiceGraphError("there are two services with the id \(node.id)")
        }
        try Self.connect(&nodes, indices)
        stopOrder = StopOrder(nodes.map(\.service), dependencies: nodes.map { $0.dependencies.map(\.index) })
        members = []
        self.nodes = nodes
        self.indices = indices
        self.queues = queues
        let order = try dependenciesFirst()
        raiseRanks(order)
        markStarting(order)
        members = Array(repeating: [], count: ServiceRole.count)
        for (index, node) in nodes.enumerated() { members[node.rank.rawValue].append(index) }
    }

    /// The place of a service among ``nodes``.
    func index(of id: EntryID) -> Int? { indices[id] }

    private static func connect(_ nodes: inout [Node], _ indices: [EntryID: Int]) throws(ServiceGraphError) {
        for index in nodes.indices {
            for requirement in nodes[index].service.dependencies {
                guard let target = indices[requirement.id] else {
                    throw ServiceGraphError("\(nodes[index].id) needs \(requirement.id), which is no service")
                }
                nodes[index].dependencies.append(Edge(index: target, condition: requirement.condition))
                nodes[target].dependents.append(Edge(index: index, condition: requirement.condition))
            }
        }
    }

    /// All services, each after what it depends on.
    private func dependenciesFirst() throws(ServiceGraphError) -> [Int] {
        var missing = nodes.map(\.dependencies.count)
        var order = nodes.indices.filter { missing[$0] == 0 }
        order.reserveCapacity(nodes.count)
        var next = 0
        while next < order.count {
            for edge in nodes[order[next]].dependents {
                missing[edge.index] -= 1
                if missing[edge.index] == 0 { order.append(edge.index) }
            }
            next += 1
        }
        guard order.count == nodes.count else { throw ServiceGraphError(circle(among: missing)) }
        return order
    }

    /// Names one circle among services that each still miss a dependency.
    private func circle(among missing: [Int]) -> String {
        var path: [Int] = []
        var positions: [Int: Int] = [:]
        var current = missing.firstIndex { $0 > 0 }
        while let index = current, positions[index] == nil {
            positions[index] = path.count
            path.append(index)
            current = nodes[index].dependencies.first { missing[$0.index] > 0 }?.index
        }
        let circle = current.map { path[(positions[$0] ?? 0)...] + [$0] } ?? path[...]
        return "services need each other: \(circle.map { nodes[$0].id.description }.joined(separator: " -> "))"
    }

    private mutating func raiseRanks(_ order: [Int]) {
        for index in order {
            for edge in nodes[index].dependencies {
                nodes[index].rank = max(nodes[index].rank, nodes[edge.index].rank)
            }
        }
    }

    private mutating func markStarting(_ order: [Int]) {
        for index in order.reversed() {
            let policy = nodes[index].policy
            let dependents = nodes[index].dependents
            nodes[index].starts = policy.startsAutomatically || dependents.contains { nodes[$0.index].starts }
            nodes[index].isEssential =
                policy.startsAutomatically && policy.isRequired || dependents.contains { nodes[$0.index].isEssential }
        }
    }
}

extension ServiceRole {
    /// How many ranks there are.
    static let count = 4
}

/// Why services cannot be put in order: a sentence.
public struct ServiceGraphError: Error, Hashable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
