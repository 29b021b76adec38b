import Synchronization
import WippyRuntime
import WippyTestTools

/// One run of a service.
final class ServiceRun: Sendable {
    let stop = StopSignal()
    let task: Task<Void, any Error>
    private let calls: CallCount
    private let patience: Patience

    /// The number of times that a service has called `ready`.
    ///
    /// Also tells whether the run has ended.
    private final class CallCount: Sendable {
        let ready = Atomic(0)
        let hasEnded = Atomic(false)
    }

    init(of service: any ManagedService, isStopped: Bool = false, patience: Patience) {
        let calls = CallCount()
        self.calls = calls
        self.patience = patience
        if isStopped { stop.fire() }
        task = Task { [stop] in
            defer { calls.hasEnded.store(true, ordering: .releasing) }
            try await service.run(ready: { calls.ready.add(1, ordering: .relaxed) }, stop: stop)
        }
    }

    /// The number of times that the service has called `ready`.
    var readyCalls: Int { calls.ready.load(ordering: .relaxed) }

    var hasEnded: Bool { calls.hasEnded.load(ordering: .acquiring) }

    /// Waits until the service is ready.
    ///
    /// Throws if the service does not become ready.
    func becomeReady() async throws {
        try await patience.eventually("the service calls 'ready'") {
            readyCalls > 0 || hasEnded
        }
        guard readyCalls == 0 else { return }
        try await task.value
        throw Finding("the service must call 'ready', and has ended without it")
    }

    /// Waits until the service has ended.
    func end(after cause: String) async throws {
        try await patience.outcome(of: "the service's run, \(cause),", task)
    }
}

extension ManagedService {
    /// Runs the service until `body` has ended.
    func running(with patience: Patience, _ body: () async throws -> Void) async throws {
        let run = ServiceRun(of: self, patience: patience)
        do {
            try await run.becomeReady()
            try await body()
        } catch {
            run.stop.fire()
            run.task.cancel()
            throw error
        }
        run.stop.fire()
        try await run.end(after: "told to stop")
    }
}
