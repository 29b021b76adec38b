import WippyCollections
import WippyDefinition
import WippyLog

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

    /// When a service whose turn to stop comes now is cancelled: when its own time is up, or when the last call is; for
    /// a resource, a moment before the deadline.
    func cancellation(of rank: ServiceRole, limit: Duration?, now: Duration) -> Duration {
        let grace = min(grace, max(deadline - now, .zero) / 2)
        let latest = max(rank == .resource ? deadline - grace : lastCall, now)
        return limit.map { min(now + $0, latest) } ?? latest
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
        countWhoIsAwaited()
        for index in services.indices { beginStop(of: index, shutdown) }
    }

    /// Counts what each group waits for, among what runs.
    private mutating func countWhoIsAwaited() {
        let order = graph.stopOrder
        awaitedByGroup = Array(repeating: 0, count: order.groups.count)
        livePublishers = order.channels.map { $0.publishers.count { services[$0].phase.isLive } }
        for (index, node) in graph.nodes.enumerated() where services[index].phase.isLive {
            for edge in node.dependencies { awaitedByGroup[order.group[edge.index]] += 1 }
        }
        for (channel, publishers) in zip(order.channels, livePublishers) where publishers > 0 {
            for group in channel.groups { awaitedByGroup[group] += 1 }
        }
    }

    /// Ends what does not run; what runs waits for its turn, which may be now.
    private mutating func beginStop(of index: Int, _ shutdown: Shutdown) {
        switch services[index].phase {
        case .waiting, .failed: move(index, to: .stopped)
        case .starting, .running: candidates.append(index)
        case .overdue: move(index, to: .cancelled(deadline: min(now + shutdown.grace, shutdown.deadline)))
        case .idle, .draining, .stopping, .cancelled, .stopped, .finished, .exhausted, .abandoned: break
        }
    }

    /// Stops the groups of those candidates whose turn has come, and ends when nothing runs.
    mutating func stopCandidates(_ candidates: [Int], _ shutdown: Shutdown) {
        for index in candidates where services[index].phase.isUntold {
            let group = graph.stopOrder.group[index]
            let ranksAbove = live[(graph.stopOrder.rank(of: index).rawValue + 1)...]
            if awaitedByGroup[group] == 0, ranksAbove.allSatisfy({ $0 == 0 }) { stop(group, shutdown) }
        }
        if live.allSatisfy({ $0 == 0 }) { enter(.ended(shutdown.outcome), finally: shutdown.outcome) }
    }

    /// Drains the queues of a group whose turn has come, or tells it to stop if there are none.
    private mutating func stop(_ group: Int, _ shutdown: Shutdown) {
        let members = graph.stopOrder.groups[group].members.filter { services[$0].phase.isUntold }
        guard members.contains(where: { !queues(of: $0).isEmpty }) else {
            for index in members { tell(index, shutdown) }
            return
        }
        for index in members { move(index, to: .draining(deadline: deadline(for: index, shutdown))) }
        beginDrain(of: group)
    }

    /// Waits for the queues of those members of a group that drain, and for no others.
    private mutating func beginDrain(of group: Int) {
        var waiting: Set<EntryID> = []
        var latest: Duration?
        for index in graph.stopOrder.groups[group].members {
            guard case .draining(let deadline) = services[index].phase else { continue }
            waiting.formUnion(queues(of: index))
            latest = max(latest ?? deadline, deadline)
        }
        guard let latest else { return }
        let number = drains[group, default: 0] + 1
        drains[group] = number
        actions.append(.drain(group, number: number, waiting, deadline: latest))
    }

    private func queues(of index: Int) -> Set<EntryID> {
        graph.nodes[index].service.consumes.filter { graph.queues[$0] != nil }
    }

    /// Tells the members of a group to stop whose queues hold nothing any more.
    mutating func endDraining(of group: Int) {
        for index in graph.stopOrder.groups[group].members {
            guard case .draining(let deadline) = services[index].phase else { continue }
            actions.append(.fireStop(index, deadline: deadline))
            move(index, to: .stopping(deadline: deadline))
        }
    }

    /// While stopping: an attempt has ended, and what waited for it may be next.
    mutating func releaseWhoWaits(for index: Int) {
        guard case .stopping = stage else { return }
        let order = graph.stopOrder
        // What it consumed has one consumer less, and perhaps none.
        if drains[order.group[index]] != nil { beginDrain(of: order.group[index]) }
        for edge in graph.nodes[index].dependencies { release(order.group[edge.index]) }
        for channel in order.channelsFromService[index] {
            livePublishers[channel] -= 1
            guard livePublishers[channel] == 0 else { continue }
            for group in order.channels[channel].groups { release(group) }
        }
        let rank = order.rank(of: index).rawValue
        guard live[rank] == 0 else { return }
        for members in order.members[..<rank] { candidates += members.filter { services[$0].phase.isUntold } }
    }

    private mutating func release(_ group: Int) {
        awaitedByGroup[group] -= 1
        if awaitedByGroup[group] == 0 { candidates += graph.stopOrder.groups[group].members }
    }

    private func deadline(for index: Int, _ shutdown: Shutdown) -> Duration {
        let limit = graph.nodes[index].stopLimit
        return shutdown.cancellation(of: graph.stopOrder.rank(of: index), limit: limit, now: now)
    }

    private mutating func tell(_ index: Int, _ shutdown: Shutdown) {
        let deadline = deadline(for: index, shutdown)
        actions.append(.fireStop(index, deadline: deadline))
        move(index, to: .stopping(deadline: deadline))
    }

    /// Cancels an attempt that was told to stop.
    mutating func cancel(_ index: Int) {
        actions.append(.cancel(index))
        let latest =
            if case .stopping(let shutdown) = stage { min(now + shutdown.grace, shutdown.deadline) } else {
                now + Self.grace
            }
        move(index, to: .cancelled(deadline: latest))
    }

    /// How long an attempt may take to end that is cancelled while the application goes on.
    static let grace = Duration.seconds(1)

    /// Goes on without an attempt that does not end.
    mutating func abandon(_ index: Int) {
        log(.error, index, "is abandoned: it still runs although it was cancelled")
        move(index, to: .abandoned)
    }

    /// What becomes of the services at the last call, and at the deadline.
    mutating func spend(_ shutdown: Shutdown) {
        var shutdown = shutdown
        if !shutdown.isLate {
            shutdown.isLate = true
            enter(.stopping(shutdown))
            for index in services.indices where graph.stopOrder.rank(of: index) > .resource {
                cancelAtOnce(index, shutdown)
            }
        }
        guard shutdown.deadline <= now else { return }
        for index in services.indices where services[index].phase.isLive {
            cancelAtOnce(index, shutdown)
            abandon(index)
        }
    }

    private mutating func cancelAtOnce(_ index: Int, _ shutdown: Shutdown) {
        switch services[index].phase {
        case .starting, .running:
            tell(index, shutdown)
            cancelAtOnce(index, shutdown)
        case .draining(let deadline):
            actions.append(.fireStop(index, deadline: deadline))
            move(index, to: .stopping(deadline: deadline))
            cancelAtOnce(index, shutdown)
        case .stopping:
            log(.warning, index, "did not stop before the application's deadline and is cancelled")
            cancel(index)
        case .idle, .waiting, .overdue, .failed, .cancelled, .stopped, .finished, .exhausted, .abandoned:
            break
        }
    }

    private mutating func enter(_ stage: Stage, finally outcome: Outcome) {
        log(.info, nil, "stopped")
        enter(stage)
        actions.append(.end(outcome))
    }
}
