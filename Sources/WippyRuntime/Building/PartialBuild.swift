package import WippyDefinition

/// Some entries of a plan, built together with the entries that they need.
///
/// Their services run only in ``run(_:while:)``.
package struct PartialBuild: Sendable {
    private let slots: [EntryID: Slot]

    /// Builds entries and the entries that they need.
    ///
    /// - Throws: the errors of all entries that cannot be built.
    package init(of ids: [EntryID], in plan: Plan, environment: RuntimeEnvironment) throws(BuildErrors) {
        slots = try ComponentBuilder(plan: plan, environment: environment).build(ids)
    }

    /// Returns an entry's component as a contract's type; nil if the entry was not built or does not offer the
    /// contract.
    package func offered<Offered: Sendable>(by id: EntryID, as contract: Contract<Offered>) -> Offered? {
        slots[id]?.built.offered.link(as: contract)?.target
    }

    /// Runs the services of some entries while `body` runs.
    ///
    /// `body` begins when all of the services are ready. The services stop when it has ended.
    ///
    /// - Throws: the error of `body` or of a service; ``WippyError`` of kind `Unavailable` when a service ends before
    ///   it is ready; `CancellationError` when the task is cancelled before the services are ready.
    package func run<Result: Sendable>(
        _ ids: [EntryID], while body: () async throws -> Result
    ) async throws -> Result {
        let services = ids.compactMap { id in slots[id]?.built.service.map { (id, $0) } }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let stop = StopSignal()
            let (news, continuation) = AsyncThrowingStream<Void, any Error>.makeStream()
            for (id, service) in services {
                group.addTask {
                    do {
                        let isReady = OneShotEvent()
                        _ = isReady.onFire { continuation.yield() }
                        try await service.run(ready: { isReady.fire() }, stop: stop)
                        guard isReady.isFired || stop.isFired || Task.isCancelled else { throw Self.endedEarly(id) }
                    } catch {
                        continuation.finish(throwing: error)
                        throw error
                    }
                }
            }
            defer { stop.fire() }
            var ready = news.makeAsyncIterator()
            for _ in services where try await ready.next() == nil { throw CancellationError() }
            let result = try await body()
            stop.fire()
            try await group.waitForAll()
            return result
        }
    }

    private static func endedEarly(_ id: EntryID) -> WippyError {
        WippyError(.unavailable, "the service of '\(id)' ended before it was ready", isRetryable: true)
    }
}
