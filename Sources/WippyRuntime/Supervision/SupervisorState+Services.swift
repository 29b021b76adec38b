import WippyDefinition
import WippyLog

extension SupervisorState {
    /// Handles a report of a service's latest attempt, in every phase.
    mutating func handle(_ report: AttemptReport, of index: Int) {
        switch (services[index].phase, report) {
        case (.starting, .ready):
            log(.debug, index, "ready")
            move(index, to: .running(since: now))
        case (.starting, .finished), (.running, .finished):
            log(.info, index, "finished")
            move(index, to: .finished)
        case (.starting, .failed(let failure)), (.running, .failed(let failure)):
            fail(index, failure)
        case (.overdue, .finished), (.overdue, .failed):
            fail(index, ServiceFailure("it was not ready within \(startLimit(of: index)) and was cancelled"))
        case (.draining, .finished), (.stopping, .finished), (.cancelled, .finished):
            move(index, to: .stopped)
        case (.draining, .failed(let failure)), (.stopping, .failed(let failure)):
            log(.warning, index, "failed while it stopped", ["error": LogValue(failure)])
            move(index, to: .stopped)
        case (.cancelled, .failed):
            // Most likely, this error is the cancellation itself, which the log has mentioned.
            move(index, to: .stopped)
        case (.running, .ready), (.overdue, .ready), (.draining, .ready), (.stopping, .ready), (.cancelled, .ready):
            // The report came twice, or too late to matter.
            break
        case (.idle, _), (.waiting, _), (.failed, _), (.stopped, _), (.finished, _), (.exhausted, _), (.abandoned, _):
            // No attempt runs. An abandoned attempt has ended, or `ready` was called after the end.
            break
        }
    }

    /// Handles a deadline that has come, in every phase.
    mutating func timeIsUp(for index: Int) {
        switch services[index].phase {
        case .starting:
            log(
                .warning, index, "was not ready in time and is cancelled",
                ["start_timeout": LogValue(startLimit(of: index))])
            actions.append(.cancel(index))
            move(index, to: .overdue)
        case .failed:
            launch(index)
        case .draining(let deadline):
            actions.append(.fireStop(index, deadline: deadline))
            log(.warning, index, "did not drain its queues in time and is cancelled")
            cancel(index)
        case .stopping:
            log(.warning, index, "did not stop in time and is cancelled")
            cancel(index)
        case .cancelled:
            abandon(index)
        case .idle, .waiting, .overdue, .running, .stopped, .finished, .exhausted, .abandoned:
            // These have no deadline.
            break
        }
    }

    /// Changes a service's phase, and updates the services that wait for it.
    mutating func move(_ index: Int, to phase: ServiceRecord.Phase) {
        let old = services[index].phase
        services[index].phase = phase
        if let deadline = phase.deadline { noteDeadline(deadline, of: index) }
        if case .draining = old { cancelDrainIfUnneeded(of: graph.stopOrder.group[index]) }
        switch (old.isLive, phase.isLive) {
        case (false, true): live[graph.stopOrder.rank(of: index).rawValue] += 1
        case (true, false):
            live[graph.stopOrder.rank(of: index).rawValue] -= 1
            releaseWhoWaits(for: index)
        case (true, true), (false, false): break
        }
        countDependencies(on: index, from: old, to: phase)
    }

    /// Begins an attempt.
    mutating func launch(_ index: Int) {
        services[index].attempt += 1
        services[index].launched = now
        let deadline = graph.nodes[index].startLimit.map { now + $0 }
        move(index, to: .starting(deadline: deadline))
        actions.append(.run(index, attempt: services[index].attempt))
    }

    /// Counts a failure, and tries again later if that can help.
    private mutating func fail(_ index: Int, _ failure: ServiceFailure) {
        if case .stopping = stage {
            log(.warning, index, "failed before it was told to stop", ["error": LogValue(failure)])
            return move(index, to: .stopped)
        }
        let policy = graph.nodes[index].policy
        if case .running(let since) = services[index].phase, now - since >= policy.stableThreshold {
            services[index].failures = 0
        }
        services[index].failures += 1
        let failures = services[index].failures
        if services[index].trial != nil, graph.nodes[index].isEssential {
            return move(index, to: .exhausted(reason: failure.message))
        }
        if failure.isPermanent {
            exhaust(index, failure.message)
        } else if policy.restart.maxAttempts > 0, failures >= policy.restart.maxAttempts {
            exhaust(index, failures == 1 ? failure.message : "\(failure.message) (attempt \(failures) of \(failures))")
        } else if let intensity = policy.restart.intensity, !countRestart(of: index, within: intensity) {
            let limit = "\(intensity.maxRestarts) restarts within \(intensity.window.written)"
            exhaust(index, "\(failure.message) (after \(limit))")
        } else {
            let delay = policy.restart.delay(afterFailures: failures, draw: draw)
            let due = max(now + delay, services[index].launched + policy.restart.spacing)
            log(
                .warning, index, "failed and will start again",
                ["error": LogValue(failure), "failures": LogValue(failures), "delay": LogValue((due - now).readable)])
            move(index, to: .failed(reason: failure.message, retryDue: due))
        }
    }

    /// Counts a restart.
    ///
    /// Returns false if the window contains as many restarts as are allowed.
    private mutating func countRestart(of index: Int, within intensity: RestartIntensity) -> Bool {
        services[index].restarts.removeAll { now - $0 >= intensity.window }
        guard services[index].restarts.count < intensity.maxRestarts else { return false }
        services[index].restarts.append(now)
        return true
    }

    /// Gives a service up.
    ///
    /// If the application cannot run without the service, it stops.
    private mutating func exhaust(_ index: Int, _ reason: String) {
        let node = graph.nodes[index]
        log(.error, index, "failed, and stays down", ["error": LogValue(reason)])
        move(index, to: .exhausted(reason: reason))
        if node.isEssential {
            requestStop(.failed(RequiredServiceFailure(id: node.id, reason: reason)))
        } else {
            block(dependentsOf: index)
        }
    }

    /// Logs once, for each service that waits for a failed one, that it will not start.
    ///
    /// Does the same for the services that wait for those.
    private mutating func block(dependentsOf index: Int) {
        var failed = [index]
        while let index = failed.popLast() {
            for edge in graph.nodes[index].dependents where isWaiting(edge.index) && !services[edge.index].isBlocked {
                services[edge.index].isBlocked = true
                log(
                    .warning, edge.index, "will not start: a service that it needs has failed",
                    ["needs": LogValue(graph.nodes[index].id)])
                failed.append(edge.index)
            }
        }
    }

    func isWaiting(_ index: Int) -> Bool { services[index].phase == .waiting }

    private func startLimit(of index: Int) -> String {
        graph.nodes[index].startLimit?.written ?? "its time"
    }
}
