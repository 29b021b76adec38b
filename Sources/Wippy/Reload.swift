import Synchronization
public import WippyDefinition
import WippyLog
public import WippyRuntime

/// The result of a reload.
public enum Reload: Sendable {
    /// The project was read without errors. Whether it was applied is in `PlanChange.outcome`.
    case changed(PlanChange)
    /// The project has errors, or an entry cannot be built. Nothing has changed.
    case invalid(Report)
    /// The application does not run, or is stopping.
    case notRunning
}

/// Reads a project again for a running application, one time after another.
///
/// Of the requests that come while one is at work, one more reading serves all: the latest files win.
final class Reloading: Sendable {
    /// What a reading is applied to.
    struct Target: Sendable {
        let supervisor: Supervisor
        let environment: RuntimeEnvironment
        let settings: ProjectSettings
        let watch: ProjectWatch?
    }

    private struct State {
        var target: Target?
        /// The project as it was read without errors last: what the next reading keeps.
        var lastRead: CheckedProject?
        /// What code has changed.
        var changes = EntryChanges()
        /// What code had changed in the versions that were in force.
        var changesOfVersions: [Int: EntryChanges] = [:]
        var current: Task<Reload, Never>?
        var next: (task: Task<Reload, Never>, isShared: Bool)?
    }

    private let state = Mutex(State())

    /// Begins, or ends, to serve an application.
    func serve(_ target: Target?, _ project: CheckedProject? = nil) {
        state.withLock { ($0.target, $0.lastRead) = (target, project) }
    }

    /// What code has changed of what the files declare: what the next reading goes by.
    var changes: EntryChanges {
        get { state.withLock { $0.changes } }
        set { state.withLock { $0.changes = newValue } }
    }

    /// What code had changed in a version.
    func changes(of number: Int) -> EntryChanges? { state.withLock { $0.changesOfVersions[number] } }

    /// Notes what code has changed in a version, which is in force now.
    func note(_ changes: EntryChanges, of number: Int, in registry: Registry) {
        state.withLock { state in
            state.changesOfVersions[number] = changes
            let kept = Set(registry.kept.map(\.number))
            state.changesOfVersions = state.changesOfVersions.filter { kept.contains($0.key) }
        }
    }

    /// The project as it was read without errors last.
    var lastRead: CheckedProject? { state.withLock { $0.lastRead } }

    /// Has the next reading keep what it can of this one.
    func keep(_ project: CheckedProject) {
        state.withLock { $0.lastRead = project }
    }

    /// Reads the project again and applies it, once those who asked before have been served.
    ///
    /// - Parameters:
    ///   - isShared: whether it is a reading, of which one serves all who ask.
    ///   - perform: reads and applies; runs on the supervisor's executor.
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

    /// The task of a request, or the one that goes before it.
    private func next(
        isShared: Bool, _ perform: @escaping @Sendable (Target) async -> Reload
    ) -> (task: Task<Reload, Never>?, isServed: Bool) {
        state.withLock { state in
            if let next = state.next { return (next.task, isShared && next.isShared) }
            guard let target = state.target else { return (nil, false) }
            let before = state.current
            // Unstructured, since several wait for it; each awaits it.
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
    /// Says what came of a reading: one line.
    func tell(_ reload: Reload) {
        switch reload {
        case .notRunning: break
        case .invalid(let report):
            for diagnostic in report.diagnostics where diagnostic.severity == .error { error("\(diagnostic)") }
            let count = LogValue(report.errorCount)
            error("the project was not reloaded: it has errors; the version in force goes on", ["errors": count])
        case .changed(let change):
            var metadata = change.metadata
            switch change.outcome {
            case .applied where change.difference.isEmpty:
                info("the project was reloaded, and nothing has changed", metadata)
            case .applied: info("the project was reloaded", metadata)
            case .refused(let reason):
                metadata["reason"] = "\(reason)"
                error("the project was not reloaded; the version in force goes on", metadata)
            case .takenBack(let reason):
                metadata["reason"] = "\(reason)"
                error("the reload was taken back: the version before it runs again", metadata)
            case .interrupted: info("the project was not reloaded: the application is stopping", metadata)
            }
        }
    }
}

extension PlanChange {
    /// The change for the log: the version in force, the entries that differ, the services that ended, and the time.
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

    /// The first ids, and how many more there are; nil if there are none.
    private static func list(_ ids: [EntryID]) -> LogValue? {
        guard !ids.isEmpty else { return nil }
        let shown = ids.prefix(shownIDs).map(\.description).joined(separator: ", ")
        return ids.count > shownIDs ? "\(shown) and \(ids.count - shownIDs) more" : "\(shown)"
    }

    private static let shownIDs = 10
}
