import WippyCollections
import WippyDefinition
import WippyLog

/// The deadline of a stop, and the decisions at its beginning.
struct Shutdown: Sendable, Hashable {
    let outcome: SupervisorState.Outcome

    /// The end of the stop.
    ///
    /// Services that still run then are abandoned.
    let deadline: Duration

    /// The time at which all services except resources are cancelled, so that resources have time of their own.
    let lastCall: Duration

    /// The longest time for a cancelled attempt to end.
    let grace: Duration

    /// True if the time of the last call has passed.
    var isLate = false

    /// Creates the plan of a stop.
    ///
    /// It reserves at most 2 seconds, and at most half of the time, for resources alone.
    init(outcome: SupervisorState.Outcome, now: Duration, timeout: Duration) {
        let reserve = min(.seconds(2), timeout / 2)
        self.outcome = outcome
        deadline = now + timeout
        lastCall = deadline - reserve
        grace = reserve / 2
    }

    var nextDeadline: Duration { isLate ? deadline : lastCall }

    /// Returns the time at which a service is cancelled whose turn to stop is now.
    ///
    /// This is the end of its own time, or the last call if it is earlier. A resource is cancelled shortly before the
    /// deadline at the latest.
    func cancellation(of rank: ServiceRole, limit: Duration?, now: Duration) -> Duration {
        let grace = min(grace, max(deadline - now, .zero) / 2)
        let latest = max(rank == .resource ? deadline - grace : lastCall, now)
        return limit.map { min(now + $0, latest) } ?? latest
    }
}

extension SupervisorState {
    /// Begins the stop.
    ///
    /// This is possible in every stage. The first reason counts.
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

    /// Counts the running services for which each group waits.
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

    /// Ends services that do not run.
    ///
    /// Running services wait for their turn, which may be now.
    private mutating func beginStop(of index: Int, _ shutdown: Shutdown) {
        switch services[index].phase {
        case .waiting, .failed: move(index, to: .stopped)
        case .starting, .running: candidates.append(index)
        case .overdue: move(index, to: .cancelled(deadline: min(now + shutdown.grace, shutdown.deadline)))
        case .idle, .draining, .stopping, .cancelled, .stopped, .finished, .exhausted, .abandoned: break
        }
    }

    /// Stops the groups of the candidates whose turn has come.
    ///
    /// Ends the application when no service runs.
    mutating func stopCandidates(_ candidates: [Int], _ shutdown: Shutdown) {
        for index in candidates where services[index].phase.isUntold {
            let group = graph.stopOrder.group[index]
            let ranksAbove = live[(graph.stopOrder.rank(of: index).rawValue + 1)...]
            if awaitedByGroup[group] == 0, ranksAbove.allSatisfy({ $0 == 0 }) { stop(group, shutdown) }
        }
        if live.allSatisfy({ $0 == 0 }) { enter(.ended(shutdown.outcome), finally: shutdown.outcome) }
    }

    /// Drains the queues of a group whose turn has come.
    ///
    /// Tells the group to stop if it has no queues.
    private mutating func stop(_ group: Int, _ shutdown: Shutdown) {
        let members = graph.stopOrder.groups[group].members.filter { services[$0].phase.isUntold }
        guard members.contains(where: { !queues(of: $0).isEmpty }) else {
            for index in members { tell(index, shutdown) }
            return
        }
        for index in members { move(index, to: .draining(deadline: deadline(for: index, shutdown))) }
        beginDrain(of: group)
    }

    /// Waits for the queues of those members of a group that are draining.
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
        graph.nodes[index].service.consumes.filter { graph.work[$0] != nil }
    }

    /// Cancels the drain of a group if no member waits for it any more.
    mutating func cancelDrainIfUnneeded(of group: Int) {
        let isNeeded = graph.stopOrder.groups[group].members.contains {
            if case .draining = services[$0].phase { true } else { false }
        }
        if !isNeeded, drains.removeValue(forKey: group) != nil { actions.append(.cancelDrain(group)) }
    }

    /// Tells the members of a group to stop.
    ///
    /// The work that they consume is drained.
    mutating func endDraining(of group: Int) {
        drains[group] = nil
        for index in graph.stopOrder.groups[group].members {
            guard case .draining(let deadline) = services[index].phase else { continue }
            actions.append(.fireStop(index, deadline: deadline))
            move(index, to: .stopping(deadline: deadline))
        }
    }

    /// Notes, during a stop, that an attempt has ended.
    ///
    /// Services that waited for it may be next.
    mutating func releaseWhoWaits(for index: Int) {
        guard case .stopping = stage else { return }
        let order = graph.stopOrder
        // The queues that it consumed have one consumer less, and perhaps none.
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

    /// The longest time for a cancelled attempt to end while the application keeps running.
    static let grace = Duration.seconds(1)

    /// Continues without an attempt that does not end.
    mutating func abandon(_ index: Int) {
        log(.error, index, "is abandoned: it still runs although it was cancelled")
        move(index, to: .abandoned)
    }

    /// Cancels or abandons the services at the last call and at the deadline.
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
