import WippyCollections
import WippyDefinition

/// The order in which services stop.
///
/// Here a queue is any entry to which services publish, and which other services consume.
///
/// - A service stops before the services on which it depends.
/// - A service that publishes to a queue stops before the queue's consumers, so that these get the last work. A
///   dependency takes precedence: a consumer that requires a publisher stops before it.
/// - If these rules leave a choice, roles decide: servers, consumers, processes, resources. A service that must stop
///   before another has at least the rank of the other.
/// - Consumers that publish to each other's queues in a cycle stop together.
struct StopOrder: Sendable {
    /// Services that stop together: a single service, or a cycle of consumers.
    struct Group: Sendable {
        /// The services, in order.
        let members: [Int]
        /// The rank of the group's turn, if no other rule decides.
        let rank: ServiceRole
    }

    /// A queue, with the services that publish to it and the groups that wait for all of them.
    struct Channel: Sendable {
        fileprivate(set) var publishers: [Int]
        fileprivate(set) var groups: [Int]
    }

    /// The groups, in order of their first members.
    private(set) var groups: [Group] = []

    /// The index of each service's group among ``groups``.
    private(set) var group: [Int]

    /// The queues for whose publishers a group waits.
    private(set) var channels: [Channel] = []

    /// For each service, the indices of the channels that it publishes to.
    private(set) var channelsFromService: [[Int]]

    /// The services of each rank, in order.
    private(set) var members: [[Int]]

    /// Computes the order.
    ///
    /// The time is linear in the number of services, dependencies and uses of queues.
    ///
    /// - Parameters:
    ///   - services: the services. They refer to each other by index.
    ///   - dependencies: for each service, those on which it depends. They make no cycle.
    init(_ services: [SupervisedService], dependencies: [[Int]]) {
        var graph = StopGraph(services, dependencies: dependencies)
        graph.letDependenciesWin()
        let cycles = graph.cycles()

        group = Array(repeating: 0, count: services.count)
        channelsFromService = Array(repeating: [], count: services.count)
        members = Array(repeating: [], count: ServiceRole.allCases.count)
        let ranks = Self.ranks(of: cycles, services, graph)
        var indices: [Int: Int] = [:]
        for index in services.indices where indices[cycles.component[index]] == nil {
            let component = cycles.component[index]
            indices[component] = groups.count
            let members = cycles.components[component].filter(services.indices.contains).sorted()
            groups.append(Group(members: members, rank: ranks[component]))
        }
        for index in services.indices {
            group[index] = indices[cycles.component[index]] ?? 0
            members[rank(of: index).rawValue].append(index)
        }
        for (index, queue) in graph.queues.enumerated() {
            addChannels(for: queue, cycle: cycles.component[services.count + index], cycles.component)
        }
    }

    /// Returns the rank of a service's turn, if no other rule decides.
    func rank(of service: Int) -> ServiceRole { groups[group[service]].rank }

    /// Adds the channels of a queue.
    ///
    /// A group outside of the queue's cycle waits for every publisher. A group in the cycle waits only for publishers
    /// outside of it.
    private mutating func addChannels(for queue: StopGraph.Queue, cycle: Int, _ component: [Int]) {
        let (inside, outside) = (
            queue.consumers.filter { component[$0] == cycle }, queue.consumers.filter { component[$0] != cycle }
        )
        add(Channel(publishers: queue.publishers, groups: Array(Set(outside.map { group[$0] })).sorted()))
        add(
            Channel(
                publishers: queue.publishers.filter { component[$0] != cycle },
                groups: Array(Set(inside.map { group[$0] }))))
    }

    private mutating func add(_ channel: Channel) {
        guard !channel.groups.isEmpty, !channel.publishers.isEmpty else { return }
        for publisher in channel.publishers { channelsFromService[publisher].append(channels.count) }
        channels.append(channel)
    }

    /// Returns the rank of each set.
    ///
    /// It is the highest among the roles of its services and the ranks of all sets that stop after it.
    private static func ranks(
        of cycles: StronglyConnected, _ services: [SupervisedService], _ graph: StopGraph
    ) -> [ServiceRole] {
        let edges = graph.edges
        var ranks: [ServiceRole] = []
        for members in cycles.components {
            var rank = ServiceRole.resource
            for vertex in members {
                if services.indices.contains(vertex) { rank = max(rank, services[vertex].role) }
                for target in edges[vertex] where cycles.component[target] < ranks.count {
                    rank = max(rank, ranks[cycles.component[target]])
                }
            }
            ranks.append(rank)
        }
        return ranks
    }
}

/// Services and the queues between them.
///
/// An edge leads to a service or queue that stops later.
private struct StopGraph {
    struct Queue {
        var publishers: [Int] = []
        var consumers: [Int] = []
    }

    private(set) var queues: [Queue]
    private let dependencies: [[Int]]

    init(_ services: [SupervisedService], dependencies: [[Int]]) {
        self.dependencies = dependencies
        var queues: [EntryID: Queue] = [:]
        for (index, service) in services.enumerated() {
            for id in service.consumes { queues[id, default: Queue()].consumers.append(index) }
        }
        for (index, service) in services.enumerated() {
            for id in service.publishes { queues[id]?.publishers.append(index) }
        }
        self.queues = queues.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The edges: from publishers through queues to consumers, and from services to those on which they depend.
    ///
    /// Queues come after services.
    var edges: [[Int]] {
        var edges = dependencies + queues.map(\.consumers)
        for (index, queue) in queues.enumerated() {
            for publisher in queue.publishers { edges[publisher].append(dependencies.count + index) }
        }
        return edges
    }

    func cycles() -> StronglyConnected { StronglyConnected(edges: edges) }

    /// Removes the dependencies from every cycle.
    ///
    /// A consumer that depends on another service of its cycle waits only for publishers outside of the cycle. Each
    /// cycle with a dependency contains such a consumer, so the cycle does not exist afterwards.
    mutating func letDependenciesWin() {
        let component = cycles().component
        let winners = Set(
            dependencies.indices.filter { index in
                dependencies[index].contains { component[$0] == component[index] }
            })
        guard !winners.isEmpty else { return }
        for index in queues.indices {
            let cycle = component[dependencies.count + index]
            let isFreed = { (consumer: Int) in component[consumer] == cycle && winners.contains(consumer) }
            let freed = queues[index].consumers.filter(isFreed)
            guard !freed.isEmpty else { continue }
            queues[index].consumers.removeAll(where: isFreed)
            queues.append(
                Queue(publishers: queues[index].publishers.filter { component[$0] != cycle }, consumers: freed))
        }
    }
}
