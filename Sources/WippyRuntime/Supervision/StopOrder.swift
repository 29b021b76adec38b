import WippyCollections
import WippyDefinition

/// Which services stop before which.
///
/// - A service stops before what it depends on.
/// - Whoever publishes to a queue stops before the queue's consumers, so that these see the last message. A dependency
///   beats that: a consumer that requires a publisher stops before it.
/// - Where that leaves a choice, roles decide: servers, consumers, processes, resources. A service that must stop
///   before another counts as at least of the other's role.
/// - Consumers that publish to each other's queues in a circle stop together.
struct StopOrder: Sendable {
    /// Services that stop together: one, or a circle of consumers.
    struct Group: Sendable {
        /// The services, in order.
        let members: [Int]
        /// When its turn comes, if nothing else decides.
        let rank: ServiceRole
    }

    /// A queue between those that publish to it and the groups that wait for all of them.
    struct Channel: Sendable {
        fileprivate(set) var publishers: [Int]
        fileprivate(set) var groups: [Int]
    }

    /// The groups, in order of their first members.
    private(set) var groups: [Group] = []

    /// The index of each service's group among ``groups``.
    private(set) var group: [Int]

    /// The queues that somebody waits for.
    private(set) var channels: [Channel] = []

    /// For each service, the indices of the channels that it publishes to.
    private(set) var channelsFromService: [[Int]]

    /// The services of each rank, in order.
    private(set) var members: [[Int]]

    /// Takes time linear in services, dependencies and uses of queues.
    ///
    /// - Parameters:
    ///   - services: the services, which know each other by index.
    ///   - dependencies: for each service, those that it depends on, which make no circle.
    init(_ services: [SupervisedService], dependencies: [[Int]]) {
        var graph = StopGraph(services, dependencies: dependencies)
        graph.letDependenciesWin()
        let circles = graph.circles()

        group = Array(repeating: 0, count: services.count)
        channelsFromService = Array(repeating: [], count: services.count)
        members = Array(repeating: [], count: ServiceRole.allCases.count)
        let ranks = Self.ranks(of: circles, services, graph)
        var indices: [Int: Int] = [:]
        for index in services.indices where indices[circles.component[index]] == nil {
            let component = circles.component[index]
            indices[component] = groups.count
            let members = circles.components[component].filter(services.indices.contains).sorted()
            groups.append(Group(members: members, rank: ranks[component]))
        }
        for index in services.indices {
            group[index] = indices[circles.component[index]] ?? 0
            members[rank(of: index).rawValue].append(index)
        }
        for (index, queue) in graph.queues.enumerated() {
            addChannels(for: queue, circle: circles.component[services.count + index], circles.component)
        }
    }

    /// When a service's turn comes, if nothing else decides.
    func rank(of service: Int) -> ServiceRole { groups[group[service]].rank }

    /// A group outside of the queue's circle waits for every publisher; those in the circle for the others alone.
    private mutating func addChannels(for queue: StopGraph.Queue, circle: Int, _ component: [Int]) {
        let (inside, outside) = (
            queue.consumers.filter { component[$0] == circle }, queue.consumers.filter { component[$0] != circle }
        )
        add(Channel(publishers: queue.publishers, groups: Array(Set(outside.map { group[$0] })).sorted()))
        add(
            Channel(
                publishers: queue.publishers.filter { component[$0] != circle },
                groups: Array(Set(inside.map { group[$0] }))))
    }

    private mutating func add(_ channel: Channel) {
        guard !channel.groups.isEmpty, !channel.publishers.isEmpty else { return }
        for publisher in channel.publishers { channelsFromService[publisher].append(channels.count) }
        channels.append(channel)
    }

    /// The rank of each set: the highest among the roles of its services and the ranks of all that stop after it.
    private static func ranks(
        of circles: StronglyConnected, _ services: [SupervisedService], _ graph: StopGraph
    ) -> [ServiceRole] {
        let edges = graph.edges
        var ranks: [ServiceRole] = []
        for members in circles.components {
            var rank = ServiceRole.resource
            for vertex in members {
                if services.indices.contains(vertex) { rank = max(rank, services[vertex].role) }
                for target in edges[vertex] where circles.component[target] < ranks.count {
                    rank = max(rank, ranks[circles.component[target]])
                }
            }
            ranks.append(rank)
        }
        return ranks
    }
}

/// Services and the queues between them; an edge leads to what stops later.
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

    /// From publishers over queues to consumers, and from services to what they depend on; queues come after services.
    var edges: [[Int]] {
        var edges = dependencies + queues.map(\.consumers)
        for (index, queue) in queues.enumerated() {
            for publisher in queue.publishers { edges[publisher].append(dependencies.count + index) }
        }
        return edges
    }

    func circles() -> StronglyConnected { StronglyConnected(edges: edges) }

    /// Takes the dependencies out of every circle.
    ///
    /// A consumer that depends on another service of its circle does not wait for the circle's publishers, only for
    /// those outside. Each circle with a dependency in it leads through such a consumer, and is gone then.
    mutating func letDependenciesWin() {
        let component = circles().component
        let winners = Set(
            dependencies.indices.filter { index in
                dependencies[index].contains { component[$0] == component[index] }
            })
        guard !winners.isEmpty else { return }
        for index in queues.indices {
            let circle = component[dependencies.count + index]
            let isFreed = { (consumer: Int) in component[consumer] == circle && winners.contains(consumer) }
            let freed = queues[index].consumers.filter(isFreed)
            guard !freed.isEmpty else { continue }
            queues[index].consumers.removeAll(where: isFreed)
            queues.append(
                Queue(publishers: queues[index].publishers.filter { component[$0] != circle }, consumers: freed))
        }
    }
}
