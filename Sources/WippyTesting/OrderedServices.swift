public import WippyRuntime

/// Two services that run as one, for a service that needs another: a database and a driver over it.
public struct OrderedServices: ManagedService {
    private let first: any ManagedService
    private let second: any ManagedService

    /// Creates a service from two.
    ///
    /// The second begins when the first is ready, and the first stops when the second has ended.
    public init(_ first: any ManagedService, _ second: any ManagedService) {
        (self.first, self.second) = (first, second)
    }

    /// Runs both services.
    ///
    /// They are ready when the second is ready.
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
