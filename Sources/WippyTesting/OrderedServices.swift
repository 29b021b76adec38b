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
    /// The pair is ready when the second service is ready.
    ///
    /// - Throws: the error of the service that fails.
    public func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        try await withThrowingTaskGroup { group in
            let (isReady, isOver) = (StopSignal(), StopSignal())
            group.addTask { try await first.run(ready: { isReady.fire() }, stop: isOver) }
            group.addTask {
                defer { isOver.fire() }
                await isReady.wait()
                try Task.checkCancellation()
                try await second.run(ready: ready, stop: stop)
            }
            try await group.waitForAll()
        }
    }
}
