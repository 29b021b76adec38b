import WippyDefinition

/// The steps from one set of running services to another one.
struct RunningChange {
    let prepared: PreparedPlan
    private let registry: Registry
    private let before: Registry.Version
    private let supervisor: Supervisor
    private let clock: any RuntimeClock
    private let discardsWork: Bool
    /// The number of a version that is put in force again; nil for a new version.
    private let number: Int?

    private let layout: ChangeLayout

    /// The moves of accepted work to the entries that replace those that had it.
    private let moves: [WorkMove]

    /// The entries whose moves have begun.
    private var moved: Set<EntryID> = []

    /// The services of the old graph that had finished when the change began.
    private let finished: Set<Int>

    /// The history before the new plan was put in force; nil until it is put in force.
    private var history: Registry.History?

    private(set) var ended: [EntryID] = []

    init(
        _ prepared: PreparedPlan, of registry: Registry, from before: Registry.Version, by supervisor: Supervisor,
        clock: any RuntimeClock, discardsWork: Bool, as number: Int? = nil
    ) {
        self.clock = clock
        self.number = number
        self.prepared = prepared
        self.registry = registry
        self.before = before
        self.supervisor = supervisor
        self.discardsWork = discardsWork
        moves = prepared.workMoves
        let (old, new) = (supervisor.graph, prepared.services)
        let finished = Set(supervisor.phases.enumerated().filter { $0.element == .finished }.map(\.offset))
        let stays = { (id: EntryID) in
            guard prepared.keeps(id), let before = old.index(of: id), let after = new.index(of: id) else {
                return false
            }
            // A process that has done its work, such as a migration, does it again for other data.
            if finished.contains(before), prepared.usesOtherData(id) { return false }
            // A service leaves if nothing starts it any more. A service comes if nothing started it before.
            return old.nodes[before].starts == new.nodes[after].starts
        }
        layout = ChangeLayout(
            from: old, to: new, leaving: Set(old.nodes.indices.filter { !stays(old.nodes[$0].id) }),
            coming: Set(new.nodes.indices.filter { !stays(new.nodes[$0].id) }))
        self.finished = finished
    }

    /// Takes the steps.
    ///
    /// If a step fails, the steps before it are undone.
    mutating func run() async -> PlanChange.Outcome {
        let moving = Set(moves.map(\.id))
        if let reason = await reasonToKeepWork(but: moving) { return .refused(reason) }
        defer { prepared.finishUpdates() }
        if let reason = await prepared.prepareUpdates(by: clock) { return .refused(reason) }
        // Resources start first, so that other services lack them only while the links are pointed.
        switch await startResources() {
        case .done: break
        case .failed(let id, let reason):
            return await conclude(.refused("\(id): \(reason)"), in: .old)
        case .interrupted: return .interrupted
        }
        guard await stop(layout.leavingOthers) == .done else { return .interrupted }
        if let reason = await moveWork(thenKeepingAllBut: moving) {
            return await restore(reason, after: .stopping)
        }
        history = registry.putInForce(prepared, as: number)
        // This work came before the links led to the new entries.
        if let reason = await moveWork(thenKeepingAllBut: []) {
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

    /// The longest time for which a reload waits for the amount of an entry's work.
    private static let countLimit = Duration.seconds(10)

    /// The longest time for which a reload waits for the move of an entry's work, while the services are stopped that
    /// consume the entry.
    private static let moveLimit = Duration.seconds(60)

    /// Moves the work of entries that are built anew to the entries that replace them.
    ///
    /// - Parameter moving: the entries that may be removed, although they have got work in the meantime.
    /// - Returns: the reason why a move failed, or why another entry cannot be removed; nil if the plan can be applied.
    private mutating func moveWork(thenKeepingAllBut moving: Set<EntryID>) async -> String? {
        for move in moves {
            moved.insert(move.id)
            do {
                try await answer(within: Self.moveLimit, of: move.forth)
            } catch {
                return "\(move.subject) cannot be moved: \(FailureReason.text(of: error))"
            }
        }
        return await reasonToKeepWork(but: moving)
    }

    /// Moves the work back to the old entries.
    ///
    /// - Returns: a text about the entries whose work could not be moved back; empty if there are none.
    private func moveWorkBack() async -> String {
        await texts(about: moves.filter { moved.contains($0.id) }) { move in
            do {
                try await answer(within: Self.moveLimit, of: move.back)
                return ""
            } catch {
                return "; \(move.subject) cannot be moved back: \(FailureReason.text(of: error))"
            }
        }
    }

    /// Returns the reason why the plan cannot be applied without losing work; nil if it can be applied.
    private func reasonToKeepWork(but moving: Set<EntryID>) async -> String? {
        guard !discardsWork else { return nil }
        for (id, work) in prepared.oldWork where !moving.contains(id) {
            let (holder, units) = (work.nouns.holder, work.nouns.units)
            do {
                let amount = try await amount(of: work)
                if amount > 0 {
                    return "the reload would remove the \(holder) \(id), which holds \(amount) \(units); "
                        + "it must be empty first"
                }
            } catch {
                let reason = FailureReason.text(of: error)
                return "the reload would remove the \(holder) \(id), whose number of \(units) is unknown (\(reason)); "
                    + "it must be empty first"
            }
        }
        return nil
    }

    /// Returns the amount of an entry's work.
    ///
    /// - Throws: the entry's error; `WippyError` of kind `Timeout` when it takes too long.
    private func amount(of work: any AcceptedWork) async throws -> Int {
        try await answer(within: Self.countLimit) { try await work.amount }
    }

    /// Returns the result of a call to an entry's code, and goes on without the call if it ignores its cancellation.
    private func answer<Answer: Sendable>(
        within limit: Duration, of call: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        try await clock.within(limit, abandoningAfter: SupervisorState.grace) { isAbandoned in
            let rest = isAbandoned ? ", and the call goes on although it was cancelled" : ""
            return WippyError(.timeout, "no answer within \(limit.written)\(rest)")
        } _: {
            try await call()
        }
    }

    /// Returns the texts about some items, in order.
    ///
    /// They are asked for at once, so that entries which do not answer need no more time than one of them.
    private func texts<Item: Sendable>(
        about items: [Item], _ text: @escaping @Sendable (Item) async -> String
    ) async -> String {
        await withTaskGroup(of: (Int, String).self) { group in
            for (index, item) in items.enumerated() { group.addTask { (index, await text(item)) } }
            var texts = Array(repeating: "", count: items.count)
            for await (index, text) in group { texts[index] = text }
            return texts.joined()
        }
    }

    /// Starts the resources of the new graph beside the running services.
    private func startResources() async -> ChangeStep.Result {
        let guests = layout.guests(of: .old)
        guard !guests.isEmpty else { return .done }
        let indices = layout.old.nodes.indices.map { Int?($0) } + guests.map { _ in nil }
        guard await adopt(layout.graph(in: .old), indices) == .done else { return .interrupted }
        return await supervisor.perform(.start(Set(guests)))
    }

    /// Replaces the supervisor's graph of services.
    ///
    /// - Parameter indices: the current index of each service of the graph, and of each guest after them; nil for a
    ///   service that begins.
    private func adopt(
        _ graph: ServiceGraph, _ indices: [Int?], finished: Set<Int> = []
    ) async -> ChangeStep.Result {
        await supervisor.perform(.adopt(GraphChange(to: graph, indices: indices, finished: finished)))
    }

    /// Stops services with their old links, and notes those that ran.
    private mutating func stop(_ indices: Set<Int>) async -> ChangeStep.Result {
        let (graph, phases) = (supervisor.graph, supervisor.phases)
        ended = Set(ended + indices.filter { phases[$0].isLive }.map { graph.nodes[$0].id }).sorted()
        return await retire(indices)
    }

    /// Stops services of the current graph in its order.
    ///
    /// Services that others depend on stop last.
    private func retire(_ indices: Set<Int>) async -> ChangeStep.Result {
        let graph = supervisor.graph
        for step in graph.steps(toStop: indices) {
            let result = await supervisor.perform(.stop(step))
            guard result == .done else { return result }
        }
        return .done
    }

    /// Adopts the new graph, with the leaving resources as its guests, and starts the coming services.
    private func startOthers() async -> ChangeStep.Result {
        guard await adopt(layout.graph(in: .new), layout.indices(of: .new, in: .old)) == .done else {
            return .interrupted
        }
        return await supervisor.perform(.start(layout.comingOthers))
    }

    /// The progress of a change that is undone.
    private enum Progress {
        /// The leaving services have stopped.
        case stopping
        /// The new plan has been put in force.
        case putting
        /// The new graph has been adopted, and the coming services have been started.
        case starting
    }

    /// Stops the services of the new plan except its resources, starts the old services again, and then stops the new
    /// resources.
    private mutating func restore(_ reason: String, after progress: Progress) async -> PlanChange.Outcome {
        if progress == .starting {
            guard await retire(layout.comingOthers) == .done else { return .interrupted }
        }
        if let history { registry.takeBack(prepared, to: before, history) }
        let unmoved = await moveWorkBack()
        let outcome = PlanChange.Outcome.takenBack(
            reason + unmoved + (progress == .stopping ? "" : await lossOfNewWork()))
        // The stopped services begin again. All others continue.
        let stopped = layout.leavingOthers
        let indices = layout.indices(of: .old, in: progress == .starting ? .new : .old)
        let anew = indices.enumerated().map { stopped.contains($0.offset) ? nil : $0.element }
        guard await adopt(layout.graph(in: .old), anew, finished: finished) == .done else { return .interrupted }
        // A service that fails now is tried again, by its restart policy.
        if case .interrupted = await supervisor.perform(.start(stopped)) {
            return .interrupted
        }
        return await conclude(outcome, in: .old)
    }

    /// Returns a text about the work of entries that only the new plan had.
    ///
    /// It is lost when the plan is taken back, except durable work.
    private func lossOfNewWork() async -> String {
        await texts(about: prepared.newWork.filter { !$0.work.isDurable }) { id, work in
            let units = work.nouns.units
            do {
                let amount = try await amount(of: work)
                return amount > 0 ? "; \(amount) \(units) that \(id) got in the meantime are lost" : ""
            } catch {
                let reason = FailureReason.text(of: error)
                return "; \(units) that \(id) got in the meantime are lost; their number is unknown (\(reason))"
            }
        }
    }

    /// Stops the guests of a stage, and ends the change in that stage.
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
        return await supervisor.perform(.conclude) == .done ? outcome : .interrupted
    }
}
