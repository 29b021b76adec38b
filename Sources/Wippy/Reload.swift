import Synchronization
public import WippyDefinition
import WippyLog
public import WippyRuntime

/// The result of a reload.
public enum Reload: Sendable {
    /// The project was read without errors. `PlanChange.outcome` says whether the change was applied.
    case changed(PlanChange)
    /// The project has errors, or an entry cannot be built. Nothing has changed.
    case invalid(Report)
    /// The application does not run, or it is stopping.
    case notRunning
}

/// Carries out the reloads of a running application, one after another.
///
/// Requests during a reload share one further reload, which reads the latest files.
final class Reloading: Sendable {
    /// The running application to which a plan is applied.
    struct Target: Sendable {
        let supervisor: Supervisor
        let environment: RuntimeEnvironment
        let settings: ProjectSettings
        let watch: ProjectWatch?
    }

    private struct State {
        var target: Target?
        /// The last reading without errors.
        ///
        /// The next reading keeps its unchanged parts.
        var lastRead: CheckedProject?
        /// The changes that code has made.
        var changes = EntryChanges()
        /// The changes that code had made in each kept version.
        var changesOfVersions: [Int: EntryChanges] = [:]
        var current: Task<Reload, Never>?
        var next: (task: Task<Reload, Never>, isShared: Bool)?
    }

    private let state = Mutex(State())

    /// Sets the application that is reloaded; nil for none.
    func serve(_ target: Target?, _ project: CheckedProject? = nil) {
        state.withLock { ($0.target, $0.lastRead) = (target, project) }
    }

    /// The changes that code has made.
    ///
    /// The next reading applies them to the files.
    var changes: EntryChanges {
        get { state.withLock { $0.changes } }
        set { state.withLock { $0.changes = newValue } }
    }

    /// Returns the changes that code had made in a version; nil if the version is not kept.
    func changes(of number: Int) -> EntryChanges? { state.withLock { $0.changesOfVersions[number] } }

    /// Notes the changes that code has made in the version that is now in force.
    func note(_ changes: EntryChanges, of number: Int, in registry: Registry) {
        state.withLock { state in
            state.changesOfVersions[number] = changes
            let kept = Set(registry.kept.map(\.number))
            state.changesOfVersions = state.changesOfVersions.filter { kept.contains($0.key) }
        }
    }

    /// The last reading without errors.
    var lastRead: CheckedProject? { state.withLock { $0.lastRead } }

    /// Notes a reading without errors.
    ///
    /// The next reading keeps its unchanged parts.
    func keep(_ project: CheckedProject) {
        state.withLock { $0.lastRead = project }
    }

    /// Carries out a request after the earlier requests.
    ///
    /// - Parameters:
    ///   - isShared: true if one reload can serve several requests.
    ///   - perform: reads and applies the project. It runs on the supervisor's executor.
    func request(
        isShared: Bool = true, _ perform: @escaping @Sendable (Target) async -> Reload
    ) async -> Reload {
        while true {
            let (task, isServed) = next(isShared: isShared, perform)
            guard let task else { return .notRunning }
            let reload = await task.value
            if isServed { return reload }
        }
    }

    /// Returns the task that serves a request, or the task that must end before it.
    private func next(
        isShared: Bool, _ perform: @escaping @Sendable (Target) async -> Reload
    ) -> (task: Task<Reload, Never>?, isServed: Bool) {
        state.withLock { state in
            if let next = state.next { return (next.task, isShared && next.isShared) }
            guard let target = state.target else { return (nil, false) }
            let before = state.current
            // The task is unstructured, because several callers wait for it.
            let task = Task<Reload, Never>(executorPreference: target.supervisor.executor) { [self] in
                _ = await before?.value
                self.state.withLock { state in
                    state.current = state.next?.task
                    state.next = nil
                }
                switch target.supervisor.stage {
                case .idle, .starting, .started: return await perform(target)
                case .stopping, .ended: return .notRunning
                }
            }
            state.next = (task, isShared)
            return (task, true)
        }
    }
}

extension Log {
    /// Logs the result of a reload in one line.
    func tell(_ reload: Reload) {
        switch reload {
        case .notRunning: break
        case .invalid(let report):
            for diagnostic in report.diagnostics where diagnostic.severity == .error { error("\(diagnostic)") }
            let count = LogValue(report.errorCount)
            error("the project was not reloaded: it has errors; the version in force keeps running", ["errors": count])
        case .changed(let change):
            var metadata = change.metadata
            switch change.outcome {
            case .applied where change.difference.isEmpty:
                info("the project was reloaded, and nothing has changed", metadata)
            case .applied: info("the project was reloaded", metadata)
            case .refused(let reason):
                metadata["reason"] = "\(reason)"
                error("the project was not reloaded; the version in force keeps running", metadata)
            case .takenBack(let reason):
                metadata["reason"] = "\(reason)"
                error(
                    "the project was not reloaded: the change was taken back, and the version before runs again",
                    metadata)
            case .interrupted: info("the project was not reloaded: the application is stopping", metadata)
            }
        }
    }
}

extension PlanChange {
    /// The change, as fields of a log line: the version in force, the changed entries, the services that ended, and the
    /// time.
    fileprivate var metadata: LogMetadata {
        var metadata: LogMetadata = ["version": LogValue(version)]
        metadata["added"] = Self.list(ids { $0 == .added })
        metadata["changed"] = Self.list(ids { $0 == .replaced || $0 == .reconfigured })
        metadata["removed"] = Self.list(ids { $0 == .removed })
        metadata["ended"] = Self.list(ended)
        metadata["duration"] = LogValue(duration.readable)
        return metadata
    }

    private func ids(_ isMeant: (PlanDifference.Change) -> Bool) -> [EntryID] {
        difference.changes.filter { isMeant($0.value) }.keys.sorted()
    }

    /// Returns the first ids and the number of the others; nil for an empty list.
    private static func list(_ ids: [EntryID]) -> LogValue? {
        guard !ids.isEmpty else { return nil }
        let shown = ids.prefix(shownIDs).map(\.description).joined(separator: ", ")
        return ids.count > shownIDs ? "\(shown) and \(ids.count - shownIDs) more" : "\(shown)"
    }

    private static let shownIDs = 10
}
