public import WippyDefinition

/// What came of applying a plan to a running application.
public struct PlanChange: Sendable {
    /// How it ended.
    public enum Outcome: Sendable, Hashable {
        /// The plan is in force.
        case applied
        /// Nothing has changed, for the reason given.
        case refused(String)
        /// What the plan brought did not get ready, or would have cost messages, for the reason given; what was stopped
        /// for it runs again, and everything is as it was before.
        case takenBack(String)
        /// The application was told to stop meanwhile.
        case interrupted
    }

    /// How it ended.
    public let outcome: Outcome

    /// The number of the plan in force afterwards.
    public let version: Int

    /// What differs between the two plans.
    public let difference: PlanDifference

    /// The services of the plan before that were stopped, in order of id: they went, or others of their ids took their
    /// places, or they run again since the plan was taken back.
    public let ended: [EntryID]

    /// How long it took.
    public let duration: Duration
}

extension Registry {
    /// Goes from the plan in force to another while the application runs.
    ///
    /// What did not change goes on running. What changed is built first, beside it; then resources start, services that
    /// go or are built anew stop, every link is pointed at what is new without a wait, the other services start, and
    /// resources that go stop last. All or nothing: if the plan cannot be built, or if a required service that it
    /// brings fails or is not ready in its time, what ran before runs again.
    ///
    /// One plan is applied at a time: the caller sees to that.
    ///
    /// - Parameters:
    ///   - plan: a plan without errors.
    ///   - environment: the one that the application was built in.
    ///   - supervisor: what runs the services of the plan in force.
    ///   - discardsMessages: whether queues may go that hold messages; else the plan is refused.
    package func apply(
        _ plan: Plan, in environment: RuntimeEnvironment, by supervisor: Supervisor, discardsMessages: Bool = false
    ) async -> PlanChange {
        let start = environment.clock.now
        let before = current
        let difference = difference(to: plan)
        func end(_ outcome: PlanChange.Outcome, _ change: RunningChange? = nil) -> PlanChange {
            PlanChange(
                outcome: outcome, version: current.number, difference: difference, ended: change?.ended ?? [],
                duration: environment.clock.now - start)
        }
        let prepared: PreparedPlan
        do {
            prepared = try prepare(plan, difference, in: environment)
        } catch {
            return end(.refused("\(error)"))
        }
        var change = RunningChange(prepared, of: self, from: before, by: supervisor, discardsMessages: discardsMessages)
        let outcome = await change.run()
        return end(outcome, change)
    }
}

/// The steps from one set of running services to another.
struct RunningChange {
    let prepared: PreparedPlan
    private let registry: Registry
    private let before: Registry.Version
    private let supervisor: Supervisor
    private let discardsMessages: Bool

    /// The services that there are, and those that there are to be.
    private let old: ServiceGraph
    private let new: ServiceGraph

    /// The places in the old graph of services that go, and in the new one of those that come.
    private let leaving: Set<Int>
    private let coming: Set<Int>

    /// The resources among them that stand on resources alone, in order: those that come are guests of the old graph,
    /// those that go of the new one.
    private let leavingResources: [Int]
    private let comingResources: [Int]

    /// Services of the old graph that had finished when the change began.
    private let finished: Set<Int>

    private(set) var ended: [EntryID] = []

    init(
        _ prepared: PreparedPlan, of registry: Registry, from before: Registry.Version, by supervisor: Supervisor,
        discardsMessages: Bool
    ) {
        self.prepared = prepared
        self.registry = registry
        self.before = before
        self.supervisor = supervisor
        self.discardsMessages = discardsMessages
        old = supervisor.graph
        new = prepared.services
        let (old, new) = (old, new)
        let finished = Set(supervisor.phases.enumerated().filter { $0.element == .finished }.map(\.offset))
        let stays = { (id: EntryID) in
            guard prepared.keeps(id), let before = old.index(of: id), let after = new.index(of: id) else {
                return false
            }
            // What has done its work does it again for other data: a migration.
            if finished.contains(before), prepared.usesOtherData(id) { return false }
            // A service that nobody starts any more goes, and one that nobody started before comes.
            return old.nodes[before].starts == new.nodes[after].starts
        }
        leaving = Set(old.nodes.indices.filter { !stays(old.nodes[$0].id) })
        coming = Set(new.nodes.indices.filter { !stays(new.nodes[$0].id) })
        leavingResources = old.resources(among: leaving)
        comingResources = new.resources(among: coming)
        self.finished = finished
    }

    /// Takes the steps; what fails is undone.
    mutating func run() async -> PlanChange.Outcome {
        if let reason = await reasonToKeepQueues() { return .refused(reason) }
        // Resources first, so that nothing is without one for longer than it takes to point a link.
        switch await startResources() {
        case .done: break
        case .failed(let id, let reason):
            return await conclude(comingResources.count, in: old, .refused("\(id): \(reason)"))
        case .interrupted: return .interrupted
        }
        guard await stop(leaving.subtracting(leavingResources)) == .done else { return .interrupted }
        if let reason = await reasonToKeepQueues() {
            return await restore(reason, after: .stopping)
        }
        registry.putInForce(prepared)
        if let reason = await reasonToKeepQueues() {
            // It came between the count and the moment in which the link led elsewhere.
            return await restore(reason, after: .putting)
        }
        switch await startOthers() {
        case .done: break
        case .failed(let id, let reason):
            return await restore("\(id): \(reason)", after: .starting)
        case .interrupted: return .interrupted
        }
        return await conclude(leavingResources.count, in: new, .applied)
    }

    /// Why the plan cannot be applied without losing messages; nil if it can.
    private func reasonToKeepQueues() async -> String? {
        guard !discardsMessages else { return nil }
        for (id, queue) in prepared.lostQueues {
            guard let count = try? await queue.target.count else {
                return "the queue \(id) would go, and how many messages it holds cannot be known"
            }
            if count.total > 0 { return "the queue \(id) would go, and it holds \(count.total) messages" }
        }
        return nil
    }

    /// Starts the resources of the new graph beside all that runs.
    private func startResources() async -> ChangeStep.Result {
        guard !comingResources.isEmpty else { return .done }
        let places = old.nodes.indices.map { Int?($0) } + comingResources.map { _ in nil }
        guard await adopt(oldWithGuests, places) == .done else { return .interrupted }
        return await supervisor.take(.start(Set(old.nodes.count..<places.count)))
    }

    /// The old graph with the resources that come.
    private var oldWithGuests: ServiceGraph { old.with(guests: comingResources, of: new) }

    /// Puts services into the place of those that there are.
    ///
    /// - Parameter places: where each service of the graph, and each guest after them, stands now; nil for one that
    ///   begins.
    private func adopt(
        _ graph: ServiceGraph, _ places: [Int?], finished: Set<Int> = []
    ) async -> ChangeStep.Result {
        await supervisor.take(.adopt(GraphChange(to: graph, places: places, finished: finished)))
    }

    /// Stops services on the old wiring, and notes which of them ran.
    private mutating func stop(_ indices: Set<Int>) async -> ChangeStep.Result {
        let (graph, phases) = (supervisor.graph, supervisor.phases)
        ended = Set(ended + indices.filter { phases[$0].isLive }.map { graph.nodes[$0].id }).sorted()
        return await retire(indices)
    }

    /// Stops services of the graph that there is, in its order: what others stand on last.
    private func retire(_ indices: Set<Int>) async -> ChangeStep.Result {
        let graph = supervisor.graph
        for step in graph.steps(toStop: indices) {
            let result = await supervisor.take(.stop(step))
            guard result == .done else { return result }
        }
        return .done
    }

    /// Goes over to the new graph, with the resources that go as guests, and starts what comes.
    private func startOthers() async -> ChangeStep.Result {
        var places = new.nodes.indices.map { coming.contains($0) ? nil : old.index(of: new.nodes[$0].id) }
        for (guest, index) in comingResources.enumerated() { places[index] = old.nodes.count + guest }
        places += leavingResources as [Int?]
        guard await adopt(new.with(guests: leavingResources, of: old), places) == .done else { return .interrupted }
        return await supervisor.take(.start(coming.subtracting(comingResources)))
    }

    /// How far a change has come that is undone.
    private enum Progress {
        /// What goes has stopped.
        case stopping
        /// The new plan has been put in force.
        case putting
        /// The new graph has been adopted, and what comes has been started.
        case starting
    }

    /// Stops what runs of the new plan but its resources, starts again what ran before, and then stops those, too.
    private mutating func restore(_ reason: String, after progress: Progress) async -> PlanChange.Outcome {
        if progress == .starting {
            guard await retire(coming.subtracting(comingResources)) == .done else { return .interrupted }
        }
        var outcome = PlanChange.Outcome.takenBack(reason)
        if progress != .stopping {
            registry.takeBack(prepared, to: before)
            outcome = .takenBack(reason + (await lossOfNewQueues()))
        }
        // Where each old service stands now: those that stayed go on, and so do the old resources.
        let places: [Int?] = old.nodes.indices.map { index in
            if let guest = leavingResources.firstIndex(of: index) {
                return progress == .starting ? new.nodes.count + guest : index
            }
            if leaving.contains(index) { return nil }
            return progress == .starting ? new.index(of: old.nodes[index].id) : index
        }
        let guestPlaces: [Int?] = comingResources.enumerated().map { place, index in
            progress == .starting ? index : old.nodes.count + place
        }
        guard await adopt(oldWithGuests, places + guestPlaces, finished: finished) == .done else {
            return .interrupted
        }
        // One that fails now is tried again as its policy says.
        if case .interrupted = await supervisor.take(.start(leaving.subtracting(leavingResources))) {
            return .interrupted
        }
        return await conclude(comingResources.count, in: old, outcome)
    }

    /// What is told of messages that queues got which only the plan had that is taken back.
    private func lossOfNewQueues() async -> String {
        var words = ""
        for (id, queue) in prepared.broughtQueues {
            guard let count = try? await queue.target.count else { continue }
            if count.total > 0 { words += "; \(count.total) messages that \(id) got meanwhile are lost with it" }
        }
        return words
    }

    /// Stops the guests, and ends the change.
    private mutating func conclude(
        _ guests: Int, in graph: ServiceGraph, _ outcome: PlanChange.Outcome
    ) async -> PlanChange.Outcome {
        if guests > 0 {
            let indices = Set(graph.nodes.count..<graph.nodes.count + guests)
            let stopped = outcome == .applied ? await stop(indices) : await retire(indices)
            guard stopped == .done else { return .interrupted }
            guard await adopt(graph, graph.nodes.indices.map { $0 }) == .done else { return .interrupted }
        }
        return await supervisor.take(.conclude) == .done ? outcome : .interrupted
    }
}
