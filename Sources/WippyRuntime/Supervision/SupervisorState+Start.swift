import WippyCollections
import WippyDefinition
import WippyLog

extension SupervisorState {
    /// Begins the start.
    ///
    /// Does nothing if the start has begun, or if the application was told to stop before it.
    mutating func begin() {
        guard stage == .idle else { return }
        countWhoWaits()
        log(.info, nil, "starting", ["services": LogValue(candidates.count)])
        enter(.starting(since: now, nextLine: now + Self.progressInterval))
    }

    /// Starts the candidates that do not wait for anything.
    mutating func startCandidates(_ candidates: [Int]) {
        for index in candidates where isWaiting(index) && services[index].missingDependencies == 0 {
            guard services[index].trial != .held else { continue }
            guard isOpen(graph.nodes[index].rank) else { continue }
            launch(index)
        }
        if case .starting(let since, _) = stage, awaited.allSatisfy({ $0 == 0 }) {
            log(.info, nil, "started", ["took": LogValue((now - since).readable)])
            enter(.started)
        }
    }

    /// Counts the missing dependencies of all services again.
    ///
    /// All waiting services become candidates.
    mutating func countWhoWaits() {
        awaited = Array(repeating: 0, count: ServiceRole.allCases.count)
        for (index, node) in graph.nodes.enumerated() {
            if node.isEssential, !services[index].phase.meets(.ready) { awaited[node.rank.rawValue] += 1 }
            services[index].missingDependencies = node.dependencies.count {
                !services[$0.index].phase.meets($0.condition)
            }
        }
        candidates = graph.nodes.indices.filter(isWaiting)
    }

    /// Updates the counts of missing dependencies when a service's phase changes.
    mutating func countDependencies(on index: Int, from old: ServiceRecord.Phase, to new: ServiceRecord.Phase) {
        switch stage {
        case .idle, .stopping, .ended: return
        case .starting, .started: break
        }
        for condition in [Requirement.Condition.ready, .completed] {
            let change = (new.meets(condition) ? 1 : 0) - (old.meets(condition) ? 1 : 0)
            guard change != 0 else { continue }
            for edge in graph.nodes[index].dependents where edge.condition == condition {
                services[edge.index].missingDependencies -= change
                if services[edge.index].missingDependencies == 0 { candidates.append(edge.index) }
            }
            if condition == .ready, graph.nodes[index].isEssential {
                countAwaited(graph.nodes[index].rank, change)
            }
        }
    }

    private mutating func countAwaited(_ rank: ServiceRole, _ change: Int) {
        awaited[rank.rawValue] -= change
        guard awaited[rank.rawValue] == 0 else { return }
        for rank in (rank.rawValue + 1)..<waiting.count {
            // A service that has started never waits again.
            waiting[rank] = waiting[rank].filter(isWaiting)
            candidates += waiting[rank]
        }
    }

    /// Returns true if every essential service below a rank is ready.
    private func isOpen(_ rank: ServiceRole) -> Bool {
        awaited[..<rank.rawValue].allSatisfy { $0 == 0 }
    }

    /// Logs the services for which the start waits.
    mutating func logProgress(since: Duration) {
        let reasons = graph.nodes.indices.compactMap(reasonToWait(for:))
        let shown = reasons.prefix(Self.shownReasons).joined(separator: ", ")
        let rest = reasons.count > Self.shownReasons ? " and \(reasons.count - Self.shownReasons) more" : ""
        log(.notice, nil, "still starting", ["waits_for": "\(shown)\(rest)", "for": LogValue((now - since).readable)])
    }

    private static let shownReasons = 10

    /// Returns the reason why the start waits for an essential service; nil if it does not wait for this service
    /// itself.
    private func reasonToWait(for index: Int) -> String? {
        let node = graph.nodes[index]
        guard node.isEssential else { return nil }
        let attempt = services[index].attempt
        switch services[index].phase {
        case .starting: return attempt > 1 ? "\(node.id) (attempt \(attempt))" : "\(node.id)"
        case .overdue: return "\(node.id) (cancelled, has not ended)"
        case .failed: return "\(node.id) (failed, attempt \(attempt + 1) follows)"
        case .running:
            let isAwaited = node.dependents.contains {
                $0.condition == .completed && isWaiting($0.index) && graph.nodes[$0.index].isEssential
            }
            return isAwaited ? "\(node.id) (to complete)" : nil
        case .idle, .waiting, .draining, .stopping, .cancelled, .stopped, .finished, .exhausted, .abandoned: return nil
        }
    }
}
