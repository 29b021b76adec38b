import WippyDefinition

/// The one deadline of a stop, and what was decided when it began.
struct Shutdown: Sendable, Hashable {
    let outcome: SupervisorState.Outcome

    /// When everything is over: what still runs is abandoned.
    let deadline: Duration

    /// When all but resources must have stopped and is cancelled, so that resources have time of their own.
    let lastCall: Duration

    /// How long a cancelled attempt may take to end.
    let grace: Duration

    /// Whether the last call has been.
    var isLate = false

    /// Spends at most 2 seconds, and never more than half of the time, on resources alone.
    init(outcome: SupervisorState.Outcome, now: Duration, timeout: Duration) {
        let reserve = min(.seconds(2), timeout / 2)
        self.outcome = outcome
        deadline = now + timeout
        lastCall = deadline - reserve
        grace = reserve / 2
    }

    var nextDeadline: Duration { isLate ? deadline : lastCall }

    /// When a service that is told to stop now is cancelled: when its own time is up, or, for a resource, a moment
    /// before the deadline.
    func cancellation(of rank: ServiceRole, timeout: Duration, now: Duration) -> Duration {
        guard rank == .resource else { return min(now + timeout, max(lastCall, now)) }
        let moment = min(grace, max(deadline - now, .zero) / 2)
        return min(now + timeout, max(deadline - moment, now))
    }
}

extension SupervisorState {
    /// Begins the stop, for which there is no wrong moment; the first reason counts.
    mutating func requestStop(_ outcome: Outcome) {
        switch stage {
        case .stopping, .ended: return
        case .idle:
            for index in services.indices { move(index, to: .stopped) }
            return enter(.ended(outcome), finally: outcome)
        case .starting, .started: break
        }
        let shutdown = Shutdown(outcome: outcome, now: now, timeout: shutdownTimeout)
        log(.info, nil, "stopping", ["shutdown_timeout": LogValue(shutdownTimeout.written)])
        enter(.stopping(shutdown))
        countLiveDependents()
        for index in services.indices { beginStop(of: index, shutdown) }
    }

    private mutating func countLiveDependents() {
        for (index, node) in graph.nodes.enumerated() where services[index].phase.isLive {
            for edge in node.dependencies { services[edge.index].liveDependents += 1 }
        }
    }

    /// Stops at once what nobody relies on yet, or not now; the rest waits for its turn.
    private mutating func beginStop(of index: Int, _ shutdown: Shutdown) {
        switch services[index].phase {
        case .waiting, .failed: move(index, to: .stopped)
        case .starting: tell(index, shutdown)
        case .overdue: move(index, to: .cancelled(deadline: min(now + shutdown.grace, shutdown.deadline)))
        case .running: candidates.append(index)
        case .idle, .stopping, .cancelled, .stopped, .finished, .exhausted, .abandoned: break
        }
    }

    /// Tells those of the candidates to stop on which nothing relies any more, and ends when nothing runs.
    mutating func stopCandidates(_ candidates: [Int], _ shutdown: Shutdown) {
        for index in candidates where services[index].liveDependents == 0 && isRunning(index) {
            if live[(graph.nodes[index].rank.rawValue + 1)...].allSatisfy({ $0 == 0 }) { tell(index, shutdown) }
        }
        if live.allSatisfy({ $0 == 0 }) { enter(.ended(shutdown.outcome), finally: shutdown.outcome) }
    }

    /// While stopping: an attempt has ended, and what it relied on may be next.
    mutating func releaseDependencies(of index: Int) {
        guard case .stopping = stage else { return }
        let node = graph.nodes[index]
        for edge in node.dependencies {
            services[edge.index].liveDependents -= 1
            if services[edge.index].liveDependents == 0 { candidates.append(edge.index) }
        }
        guard live[node.rank.rawValue] == 0 else { return }
        for members in graph.members[..<node.rank.rawValue] { candidates += members.filter(isRunning) }
    }

    private func isRunning(_ index: Int) -> Bool {
        if case .running = services[index].phase { true } else { false }
    }

    private mutating func tell(_ index: Int, _ shutdown: Shutdown) {
        let node = graph.nodes[index]
        let deadline = shutdown.cancellation(of: node.rank, timeout: node.policy.stopTimeout, now: now)
        actions.append(.fireStop(index))
        move(index, to: .stopping(deadline: deadline))
    }

    /// Cancels an attempt that was told to stop.
    mutating func cancel(_ index: Int) {
        guard case .stopping(let shutdown) = stage else { return }
        actions.append(.cancel(index))
        move(index, to: .cancelled(deadline: min(now + shutdown.grace, shutdown.deadline)))
    }

    /// Goes on without an attempt that does not end.
    mutating func abandon(_ index: Int) {
        log(.error, index, "is abandoned: it goes on although it was cancelled")
        move(index, to: .abandoned)
    }

    /// What becomes of the services at the last call, and at the deadline.
    mutating func spend(_ shutdown: Shutdown) {
        var shutdown = shutdown
        if !shutdown.isLate {
            shutdown.isLate = true
            enter(.stopping(shutdown))
            for (index, node) in graph.nodes.enumerated() where node.rank > .resource { cancelAtOnce(index, shutdown) }
        }
        guard shutdown.deadline <= now else { return }
        for index in services.indices where services[index].phase.isLive {
            cancelAtOnce(index, shutdown)
            abandon(index)
        }
    }

    private mutating func cancelAtOnce(_ index: Int, _ shutdown: Shutdown) {
        switch services[index].phase {
        case .running:
            tell(index, shutdown)
            cancelAtOnce(index, shutdown)
        case .stopping:
            log(.warning, index, "did not stop before the application's deadline and is cancelled")
            cancel(index)
        case .idle, .waiting, .starting, .overdue, .failed, .cancelled, .stopped, .finished, .exhausted, .abandoned:
            break
        }
    }

    private mutating func enter(_ stage: Stage, finally outcome: Outcome) {
        log(.info, nil, "stopped")
        enter(stage)
        actions.append(.end(outcome))
    }
}
