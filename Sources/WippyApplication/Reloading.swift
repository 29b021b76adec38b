import Synchronization
import WippyDefinition
import WippyRuntime

/// Carries out the reloads of a running application, one after another.
///
/// Requests during a reload share one further reload, which reads the latest files.
final class Reloading: Sendable {
    /// The running application to which a plan is applied.
    struct Target: Sendable {
        /// The number of the run to which the application belongs.
        let run: Int
        let supervisor: Supervisor
        let environment: RuntimeEnvironment
        let settings: ProjectSettings
        let watch: ProjectWatch?
    }

    private struct State {
        /// True from the begin of a run of the application to its end.
        var isRunning = false
        /// The number of the last run that has begun.
        ///
        /// A reload of an earlier run may still be going on.
        var run = 0
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

    /// Notes that a run of the application begins.
    ///
    /// The changes that code has made in an earlier run, and the reloads of that run, do not count any more.
    ///
    /// - Throws: `WippyError` of kind `Conflict` when another run has not ended.
    func beginRun() throws(WippyError) {
        let isAlone = state.withLock { state in
            guard !state.isRunning else { return false }
            state.isRunning = true
            state.run += 1
            (state.changes, state.changesOfVersions) = (EntryChanges(), [:])
            (state.current, state.next) = (nil, nil)
            return true
        }
        guard isAlone else {
            throw WippyError(
                .conflict, "the application already runs; wait for the end of that run, or make another application",
                isRetryable: true)
        }
    }

    /// Returns when the reloads have ended that were requested so far, or when the task is cancelled.
    ///
    /// - Parameter executor: runs the wait.
    func ended(on executor: any TaskExecutor) async {
        let reloads = state.withLock { [$0.current, $0.next?.task].compactMap(\.self) }
        guard !reloads.isEmpty else { return }
        await OneShotEvent(endOf: reloads, on: executor).wait()
    }

    /// The number of the last run that has begun.
    var run: Int { state.withLock { $0.run } }

    /// Notes that the run has ended.
    func endRun() { state.withLock { $0.isRunning = false } }

    /// Sets the application that is reloaded; nil for none.
    func serve(_ target: Target?, _ project: CheckedProject? = nil) {
        state.withLock { ($0.target, $0.lastRead) = (target, project) }
    }

    /// The changes that code has made.
    ///
    /// The next reading applies them to the files.
    var changes: EntryChanges { state.withLock { $0.changes } }

    /// Returns the changes that code had made in a version; nil if the version is not kept.
    func changes(of number: Int) -> EntryChanges? { state.withLock { $0.changesOfVersions[number] } }

    /// Notes the changes that code has made in the version that is now in force.
    ///
    /// Versions come into force one after another, so no two calls overlap. Does nothing if the run has ended.
    func note(_ changes: EntryChanges, of number: Int, in registry: Registry, run: Int) {
        let kept = Set(registry.kept.map(\.number))
        state.withLock { state in
            guard state.run == run else { return }
            state.changes = changes
            state.changesOfVersions[number] = changes
            state.changesOfVersions = state.changesOfVersions.filter { kept.contains($0.key) }
        }
    }

    /// The last reading without errors.
    var lastRead: CheckedProject? { state.withLock { $0.lastRead } }

    /// Notes a reading without errors.
    ///
    /// The next reading keeps its unchanged parts. Does nothing if the run has ended.
    func keep(_ project: CheckedProject, run: Int) {
        state.withLock { if $0.run == run { $0.lastRead = project } }
    }

    /// Carries out a request after the earlier requests of the same run.
    ///
    /// - Parameters:
    ///   - isShared: true if one reload can serve several requests.
    ///   - run: the number of the run to which the request belongs; nil for the last run that has begun.
    ///   - perform: reads and applies the project. It runs on the supervisor's executor.
    func request(
        isShared: Bool = true, in run: Int? = nil, _ perform: @escaping @Sendable (Target) async -> Reload
    ) async -> Reload {
        let run = run ?? self.run
        while true {
            let (task, isServed) = next(isShared: isShared, in: run, perform)
            guard let task else { return .notRunning }
            let reload = await task.value
            if isServed { return reload }
        }
    }

    /// Returns the task that serves a request, or the task that must end before it.
    private func next(
        isShared: Bool, in run: Int, _ perform: @escaping @Sendable (Target) async -> Reload
    ) -> (task: Task<Reload, Never>?, isServed: Bool) {
        state.withLock { state in
            guard state.run == run else { return (nil, false) }
            if let next = state.next { return (next.task, isShared && next.isShared) }
            guard let target = state.target else { return (nil, false) }
            let before = state.current
            // The task is unstructured, because several callers wait for it.
            let task = Task<Reload, Never>(executorPreference: target.supervisor.executor) { [self] in
                _ = await before?.value
                self.state.withLock { state in
                    guard state.run == run else { return }
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
