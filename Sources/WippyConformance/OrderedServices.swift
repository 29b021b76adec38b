public import WippyRuntime

/// Two services that run as one.
///
/// Use it when one service needs the other, as a queue driver needs a database.
public struct OrderedServices: ManagedService {
    private let first: any ManagedService
    private let second: any ManagedService

    /// Creates one service from two.
    ///
    /// The second service starts when the first is ready. The first service stops when the second has ended.
    public init(_ first: any ManagedService, _ second: any ManagedService) {
        (self.first, self.second) = (first, second)
    }

    /// Runs both services.
    ///
    /// The pair is ready when the second service is ready. If `stop` fires before the first service is ready, the
    /// second one does not run.
    ///
    /// - Throws: the error of the service that fails; `WippyError` of kind `Unavailable` when the first service ends
    ///   before the second one; `CancellationError` when the task is cancelled before the second service runs.
    public func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        try await withThrowingTaskGroup { group in
            let (goesOn, stopOfFirst) = (OneShotEvent(), StopSignal())
            group.addTask {
                try await first.run(ready: { goesOn.fire() }, stop: stopOfFirst)
                guard stopOfFirst.isFired || Task.isCancelled else { throw Self.endedEarly }
            }
            group.addTask {
                defer { stopOfFirst.fire() }
                let stopping = stop.onFire { goesOn.fire() }
                defer { stopping.end() }
                await goesOn.wait()
                try Task.checkCancellation()
                if !stop.isFired { try await second.run(ready: ready, stop: stop) }
            }
            // The first error cancels the other service, which may wait for the one that failed.
            for try await _ in group {}
        }
    }

    private static var endedEarly: WippyError {
        WippyError(
            .unavailable, "the first of two services ended, but the second one needs it", isRetryable: true)
    }
}
