import WippyDefinition

/// The services of an application, and the order in which they start and stop.
///
/// The rank of a service is the highest of its own role and the ranks of the services on which it depends. So no
/// dependency leads to a higher rank.
public struct ServiceGraph: Sendable {
    /// An edge, seen from either end.
    struct Edge: Sendable, Hashable {
        let index: Int
        let condition: Requirement.Condition

        fileprivate func leading(to index: Int) -> Edge { Edge(index: index, condition: condition) }
    }

    /// A service.
    ///
    /// Services refer to each other by index.
    struct Node: Sendable {
        fileprivate(set) var service: SupervisedService
        fileprivate(set) var rank: ServiceRole
        fileprivate(set) var dependencies: [Edge] = []
        fileprivate(set) var dependents: [Edge] = []

        /// True if the service starts with the application: by its own policy, or because a service that starts needs
        /// it.
        fileprivate(set) var starts = false

        /// True if the service is required and starts, or if such a service needs it.
        ///
        /// The application cannot run without it.
        fileprivate(set) var isEssential = false

        var id: EntryID { service.id }
        var policy: LifecyclePolicy { service.policy }
        var startLimit: Duration? { policy.startLimit(of: service.role) }
        var stopLimit: Duration? { policy.stopLimit(of: service.role) }
    }

    /// The services, each after those on which it depends, and the guests after them.
    private(set) var nodes: [Node] = []

    /// The services of each rank, in order.
    private(set) var members: [[Int]]

    /// The order in which services stop.
    private(set) var stopOrder: StopOrder

    /// The accepted work of the entries that services consume.
    let work: [EntryID: any AcceptedWork]

    private var indices: [EntryID: Int] = [:]

    /// The graph without services.
    static let empty = ServiceGraph()

    private init() {
        (work, members) = ([:], Array(repeating: [], count: ServiceRole.allCases.count))
        stopOrder = StopOrder([], dependencies: [])
    }

    /// Connects services.
    ///
    /// The time is linear in the number of services and edges.
    ///
    /// - Parameters:
    ///   - services: the services, each after those on which it depends.
    ///   - work: the accepted work of the entries that they consume. A stop does not wait for an entry that has none
    ///     here. Default: none.
    /// - Throws: ``BuildError`` when a service depends on an entry that is not a service or that comes later.
    init(_ services: [SupervisedService], work: [EntryID: any AcceptedWork] = [:]) throws(BuildError) {
        self.work = work
        members = Array(repeating: [], count: ServiceRole.allCases.count)
        for (index, service) in services.enumerated() {
            var node = Node(service: service, rank: service.role)
            for requirement in service.dependencies {
                guard let target = indices[requirement.id] else {
                    throw BuildError(service.id, "it needs \(requirement.id), which does not start before it")
                }
                node.dependencies.append(Edge(index: target, condition: requirement.condition))
                node.rank = max(node.rank, nodes[target].rank)
                nodes[target].dependents.append(Edge(index: index, condition: requirement.condition))
            }
            members[node.rank.rawValue].append(index)
            indices[service.id] = index
            nodes.append(node)
        }
        stopOrder = StopOrder(services, dependencies: nodes.map { $0.dependencies.map(\.index) })
        markStarting()
    }

    /// Returns the graph with services of another graph beside its own, while it replaces that graph.
    ///
    /// - Parameter guests: the indices of these services in the other graph, in order. The services on which they
    ///   depend are among them, or keep running and have an index in both graphs.
    func with(guests: [Int], of other: ServiceGraph) -> ServiceGraph {
        var graph = self
        var guestIndices: [Int: Int] = [:]
        for (guestIndex, guest) in zip(nodes.count..., guests) {
            var node = other.nodes[guest]
            (node.service.publishes, node.service.consumes) = ([], [])
            node.dependencies = node.dependencies.compactMap { edge in
                (guestIndices[edge.index] ?? index(of: other.nodes[edge.index].id)).map { edge.leading(to: $0) }
            }
            node.dependents = []
            node.rank = node.dependencies.map { graph.nodes[$0.index].rank }.reduce(node.service.role, max)
            for edge in node.dependencies { graph.nodes[edge.index].dependents.append(edge.leading(to: guestIndex)) }
            graph.members[node.rank.rawValue].append(guestIndex)
            graph.nodes.append(node)
            guestIndices[guest] = guestIndex
        }
        graph.stopOrder = StopOrder(
            graph.nodes.map(\.service), dependencies: graph.nodes.map { $0.dependencies.map(\.index) })
        return graph
    }

    /// Returns services in the order in which they stop while others keep running.
    ///
    /// Each step begins when the step before it has ended.
    func steps(toStop services: Set<Int>) -> [Set<Int>] {
        var steps: [Set<Int>] = []
        var rest = services
        while let rank = rest.map(stopOrder.rank).max() {
            let step = rest.filter { index in
                stopOrder.rank(of: index) == rank && !nodes[index].dependents.contains { rest.contains($0.index) }
            }
            steps.append(step)
            rest.subtract(step)
        }
        return steps
    }

    /// Returns the resources among the given services, in order.
    ///
    /// A resource is left out if it depends on one of the given services that is not returned.
    func resources(among services: Set<Int>) -> [Int] {
        var found: Set<Int> = []
        for index in services.sorted() where nodes[index].service.role == .resource {
            let needed = nodes[index].dependencies.map(\.index).filter(services.contains)
            if found.isSuperset(of: needed) { found.insert(index) }
        }
        return found.sorted()
    }

    /// Returns the index of a service among ``nodes``; nil for a guest.
    func index(of id: EntryID) -> Int? { indices[id] }

    private mutating func markStarting() {
        for index in nodes.indices.reversed() {
            let policy = nodes[index].policy
            let dependents = nodes[index].dependents
            nodes[index].starts = policy.startsAutomatically || dependents.contains { nodes[$0.index].starts }
            nodes[index].isEssential =
                policy.startsAutomatically && policy.isRequired || dependents.contains { nodes[$0.index].isEssential }
        }
    }
}
