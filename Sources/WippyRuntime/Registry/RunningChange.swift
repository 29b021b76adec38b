import WippyDefinition

/// The steps from one set of running services to another.
struct RunningChange {
    let prepared: PreparedPlan
    private let registry: Registry
    private let before: Registry.Version
    private let supervisor: Supervisor
    private let discardsMessages: Bool
    /// The number of a version that is in force again; nil for a new one.
    private let number: Int?

    private let layout: ChangeLayout

    /// Services of the old graph that had finished when the change began.
    private let finished: Set<Int>

    private(set) var ended: [EntryID] = []

    init(
        _ prepared: PreparedPlan, of registry: Registry, from before: Registry.Version, by supervisor: Supervisor,
        discardsMessages: Bool, as number: Int? = nil
    ) {
        self.number = number
        self.prepared = prepared
        self.registry = registry
        self.before = before
        self.supervisor = supervisor
        self.discardsMessages = discardsMessages
        let (old, new) = (supervisor.graph, prepared.services)
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
        layout = ChangeLayout(
            from: old, to: new, leaving: Set(old.nodes.indices.filter { !stays(old.nodes[$0].id) }),
            coming: Set(new.nodes.indices.filter { !stays(new.nodes[$0].id) }))
        self.finished = finished
    }

    /// Takes the steps; what fails is undone.
    mutating func run() async -> PlanChange.Outcome {
        let moving = Set(prepared.movingQueues.map(\.id))
        if let reason = await reasonToKeepQueues(but: moving) { return .refused(reason) }
        // Resources first, so that nothing is without one for longer than it takes to point a link.
        switch await startResources() {
        case .done: break
        case .failed(let id, let reason):
            return await conclude(.refused("\(id): \(reason)"), in: .old)
        case .interrupted: return .interrupted
        }
        guard await stop(layout.leavingOthers) == .done else { return .interrupted }
        if let reason = await moveMessages(thenKeepingAllBut: moving) {
            return await restore(reason, after: .stopping)
        }
        registry.putInForce(prepared, as: number)
        // What has come until the links led elsewhere.
        if let reason = await moveMessages(thenKeepingAllBut: []) {
            return await restore(reason, after: .putting)
        }
        switch await startOthers() {
        case .done: break
        case .failed(let id, let reason):
            return await restore("\(id): \(reason)", after: .starting)
        case .interrupted: return .interrupted
        }
        return await conclude(.applied, in: .new)
    }

    /// Has the queues that are made anew take over the messages of those before.
    ///
    /// - Parameter moving: the queues that may go although messages have come to them meanwhile.
    /// - Returns: why that failed, or why another queue cannot go; nil if the plan can be applied.
    private func moveMessages(thenKeepingAllBut moving: Set<EntryID>) async -> String? {
        for (id, old, new) in prepared.movingQueues {
            do {
                try await old.moveMessages(to: new)
            } catch {
                return "the messages of the queue \(id) cannot be moved: \(FailureReason.text(of: error))"
            }
        }
        return await reasonToKeepQueues(but: moving)
    }

    /// Has the queues of before take their messages back.
    ///
    /// - Returns: what is told of those for which that failed.
    private func moveMessagesBack() async -> String {
        var words = ""
        for (id, old, new) in prepared.movingQueues {
            do {
                try await new.moveMessages(to: old)
            } catch {
                words += "; the messages of the queue \(id) cannot be moved back: \(FailureReason.text(of: error))"
            }
        }
        return words
    }

    /// Why the plan cannot be applied without losing messages; nil if it can.
    private func reasonToKeepQueues(but moving: Set<EntryID> = []) async -> String? {
        guard !discardsMessages else { return nil }
        for (id, queue) in prepared.lostQueues where !moving.contains(id) {
            guard let count = try? await queue.target.count else {
                return "the reload would remove the queue \(id), whose number of messages is unknown; purge it first"
            }
            if count.total > 0 {
                return "the reload would remove the queue \(id), which holds \(count.total) messages; purge it first"
            }
        }
        return nil
    }

    /// Starts the resources of the new graph beside all that runs.
    private func startResources() async -> ChangeStep.Result {
        let guests = layout.guests(of: .old)
        guard !guests.isEmpty else { return .done }
        let indices = layout.old.nodes.indices.map { Int?($0) } + guests.map { _ in nil }
        guard await adopt(layout.graph(in: .old), indices) == .done else { return .interrupted }
        return await supervisor.take(.start(Set(guests)))
    }

    /// Puts services into the place of those that there are.
    ///
    /// - Parameter indices: where each service of the graph, and each guest after them, stands now; nil for one that
    ///   begins.
    private func adopt(
        _ graph: ServiceGraph, _ indices: [Int?], finished: Set<Int> = []
    ) async -> ChangeStep.Result {
        await supervisor.take(.adopt(GraphChange(to: graph, indices: indices, finished: finished)))
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
        guard await adopt(layout.graph(in: .new), layout.indices(of: .new, in: .old)) == .done else {
            return .interrupted
        }
        return await supervisor.take(.start(layout.comingOthers))
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
            guard await retire(layout.comingOthers) == .done else { return .interrupted }
        }
        if progress != .stopping { registry.takeBack(prepared, to: before) }
        let unmoved = await moveMessagesBack()
        let outcome = PlanChange.Outcome.takenBack(
            reason + unmoved + (progress == .stopping ? "" : await lossOfNewQueues()))
        // What was stopped begins anew; all else goes on from where it stands.
        let stopped = layout.leavingOthers
        let indices = layout.indices(of: .old, in: progress == .starting ? .new : .old)
        let anew = indices.enumerated().map { stopped.contains($0.offset) ? nil : $0.element }
        guard await adopt(layout.graph(in: .old), anew, finished: finished) == .done else { return .interrupted }
        // One that fails now is tried again as its policy says.
        if case .interrupted = await supervisor.take(.start(stopped)) {
            return .interrupted
        }
        return await conclude(outcome, in: .old)
    }

    /// What is told of messages that queues got which only the plan had that is taken back.
    private func lossOfNewQueues() async -> String {
        var words = ""
        for (id, queue) in prepared.broughtQueues {
            guard let count = try? await queue.target.count else { continue }
            if count.total > 0 { words += "; \(count.total) messages that \(id) got in the meantime are lost" }
        }
        return words
    }

    /// Stops the guests of a stage, and ends the change there.
    private mutating func conclude(
        _ outcome: PlanChange.Outcome, in stage: ChangeLayout.Stage
    ) async -> PlanChange.Outcome {
        let guests = Set(layout.guests(of: stage))
        if !guests.isEmpty {
            let stopped = outcome == .applied ? await stop(guests) : await retire(guests)
            guard stopped == .done else { return .interrupted }
            let graph = layout.host(of: stage)
            guard await adopt(graph, graph.nodes.indices.map { $0 }) == .done else { return .interrupted }
        }
        return await supervisor.take(.conclude) == .done ? outcome : .interrupted
    }
}
