import WippyCollections
import WippyDefinition
import WippyLog

/// Other services in the place of those that there are: a graph, and what goes on in it.
struct GraphChange: Sendable {
    let graph: ServiceGraph

    /// For each service of the graph, its index in the graph before, where it goes on as it is; nil for one that
    /// begins.
    let indices: [Int?]

    /// The services that have finished before: a migration that is done.
    let finished: Set<Int>

    /// Creates a change.
    init(to graph: ServiceGraph, indices: [Int?], finished: Set<Int> = []) {
        self.graph = graph
        self.indices = indices
        self.finished = finished
    }
}

/// A step of a change of the services while the application runs.
enum ChangeStep: Sendable {
    /// Know other services from now on. Those that begin are held until they are started.
    case adopt(GraphChange)
    /// Start services that are held, each when what it needs is ready, and wait until the essential ones are ready.
    case start(Set<Int>)
    /// Stop services, and wait until they have ended.
    case stop(Set<Int>)
    /// End the change: what it has brought is as everything else from now on.
    case conclude

    /// How a step ended.
    enum Result: Sendable, Hashable {
        case done
        /// A service that was to start failed, for the reason given, or was not ready in time.
        case failed(EntryID, reason: String)
        /// The application stops.
        case interrupted
    }
}

extension SupervisorState {
    /// Begins a step; what it waits for may be there already.
    mutating func begin(_ step: ChangeStep) {
        self.step = step
        switch stage {
        case .stopping, .ended: return
        case .idle, .starting, .started: break
        }
        switch step {
        case .adopt(let change): adopt(change)
        case .start(let indices):
            for index in indices where services[index].trial == .held { services[index].trial = .begun }
            candidates += indices
        case .stop(let indices):
            for index in indices.sorted() { retire(index) }
        case .conclude:
            for index in services.indices where services[index].trial != nil { endTrial(of: index) }
        }
    }

    /// Tells that the step has ended, once it has.
    mutating func endStep() {
        guard let step, let result = result(of: step) else { return }
        self.step = nil
        actions.append(.endStep(result))
    }

    private func result(of step: ChangeStep) -> ChangeStep.Result? {
        switch stage {
        case .stopping, .ended: return .interrupted
        case .idle, .starting, .started: break
        }
        switch step {
        case .adopt, .conclude: return .done
        case .start(let indices):
            var isDone = true
            for index in indices.sorted() where graph.nodes[index].isEssential {
                if case .exhausted(let reason) = services[index].phase {
                    return .failed(graph.nodes[index].id, reason: reason)
                }
                if let failed = graph.nodes[index].dependencies.first(where: isExhausted) {
                    let reason = "it needs \(graph.nodes[failed.index].id), which has failed for good"
                    return .failed(graph.nodes[index].id, reason: reason)
                }
                if !services[index].phase.meets(.ready), !startsWithOthers(index) { isDone = false }
            }
            return isDone ? .done : nil
        case .stop(let indices): return indices.contains { services[$0].phase.isLive } ? nil : .done
        }
    }

    /// Whether a service, of those that may start, waits for what is no part of the change while the application
    /// starts.
    ///
    /// That may never be ready, unless a later change repairs it.
    private func startsWithOthers(_ index: Int) -> Bool {
        if case .starting = stage { isWaiting(index) } else { false }
    }

    private func isExhausted(_ edge: ServiceGraph.Edge) -> Bool {
        if case .exhausted = services[edge.index].phase { true } else { false }
    }

    /// Takes over another graph, and counts the missing dependencies again.
    private mutating func adopt(_ change: GraphChange) {
        let old = services
        graph = change.graph
        services = change.indices.indices.map { index in
            if let before = change.indices[index] {
                var record = old[before]
                record.isBlocked = false
                return record
            }
            var record = ServiceRecord(phase: graph.nodes[index].starts ? .waiting : .idle)
            if change.finished.contains(index) { record.phase = .finished }
            record.trial = .held
            return record
        }
        actions.append(.adopt(change))
        live = Array(repeating: 0, count: ServiceRole.allCases.count)
        waiting = graph.members
        deadlines = Heap()
        for index in services.indices {
            let phase = services[index].phase
            if let deadline = phase.deadline { noteDeadline(deadline, of: index) }
            if phase.isLive { live[graph.stopOrder.rank(of: index).rawValue] += 1 }
        }
        countWhoWaits()
    }

    /// Has a service be as every other: one that failed while the change was taken back is tried again.
    private mutating func endTrial(of index: Int) {
        services[index].trial = nil
        if case .exhausted = services[index].phase, graph.nodes[index].isEssential { move(index, to: .waiting) }
        if isWaiting(index) { candidates.append(index) }
    }

    /// Ends a service that goes; the others run on.
    private mutating func retire(_ index: Int) {
        let deadline = now + min(graph.nodes[index].stopLimit ?? shutdownTimeout, shutdownTimeout)
        switch services[index].phase {
        case .waiting, .failed: move(index, to: .stopped)
        case .starting, .running:
            actions.append(.fireStop(index, deadline: deadline))
            move(index, to: .stopping(deadline: deadline))
        case .overdue: move(index, to: .cancelled(deadline: now + Self.grace))
        case .idle, .draining, .stopping, .cancelled, .stopped, .finished, .exhausted, .abandoned: break
        }
    }
}
