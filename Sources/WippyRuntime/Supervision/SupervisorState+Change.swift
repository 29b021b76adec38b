import WippyCollections
import WippyDefinition
import WippyLog

/// A new graph of services that replaces the current one, with the state of each service.
struct GraphChange: Sendable {
    let graph: ServiceGraph

    /// For each service of the graph, its index in the graph before, if it continues unchanged; nil for a service that
    /// begins.
    let indices: [Int?]

    /// The services that have finished before, for example a migration that is done.
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
    /// Adopt another graph of services. Those that begin are held until they are started.
    case adopt(GraphChange)
    /// Start services that are held, each when the services that it needs are ready. Wait until the essential ones are
    /// ready.
    case start(Set<Int>)
    /// Stop services, and wait until they have ended.
    case stop(Set<Int>)
    /// End the change. Its services are treated like all others from now on.
    case conclude

    /// The result of a step.
    enum Result: Sendable, Hashable {
        case done
        /// An essential service did not become ready, for the given reason.
        case failed(EntryID, reason: String)
        /// The application stops.
        case interrupted
    }
}

extension SupervisorState {
    /// Begins a step.
    ///
    /// Its condition may be met already.
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

    /// Reports the end of the step, if it has ended.
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
                    let reason = "it needs \(graph.nodes[failed.index].id), which stays down"
                    return .failed(graph.nodes[index].id, reason: reason)
                }
                if !services[index].phase.meets(.ready), !startsWithOthers(index) { isDone = false }
            }
            return isDone ? .done : nil
        case .stop(let indices): return indices.contains { services[$0].phase.isLive } ? nil : .done
        }
    }

    /// Returns true if a service that may start waits for services that are not part of the change, while the
    /// application starts.
    ///
    /// These services may never be ready, unless a later change repairs them.
    private func startsWithOthers(_ index: Int) -> Bool {
        if case .starting = stage { isWaiting(index) } else { false }
    }

    private func isExhausted(_ edge: ServiceGraph.Edge) -> Bool {
        if case .exhausted = services[edge.index].phase { true } else { false }
    }

    /// Adopts another graph, and counts the missing dependencies again.
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

    /// Ends the trial of a service.
    ///
    /// A service that failed while the change was taken back is tried again.
    private mutating func endTrial(of index: Int) {
        services[index].trial = nil
        if case .exhausted = services[index].phase, graph.nodes[index].isEssential { move(index, to: .waiting) }
        if isWaiting(index) { candidates.append(index) }
    }

    /// Stops a leaving service.
    ///
    /// The others keep running.
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
