package import WippyDefinition

/// Some entries of a plan, built with what they need and without all the rest; none of their services runs.
package struct PartialBuild: Sendable {
    private let slots: [EntryID: Slot]

    /// Builds entries.
    ///
    /// - Throws: ``BuildError``.
    package init(of ids: [EntryID], in plan: Plan, environment: RuntimeEnvironment) throws {
        slots = try ComponentBuilder(plan: plan, environment: environment).build(ids)
    }

    /// What an entry offers under a contract; nil if it was not built, or offers something else.
    package func offered<Offered: Sendable>(by id: EntryID, as contract: Contract<Offered>) -> Offered? {
        slots[id]?.built.offered.link(as: contract)?.target
    }

    /// Runs the services of entries, and no others, while `body` does.
    ///
    /// - Throws: what `body` throws, and what a service fails with.
    package func run<Result: Sendable>(
        _ ids: [EntryID], while body: () async throws -> Result
    ) async throws -> Result {
        let services = ids.compactMap { slots[$0]?.built.service }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let stop = StopSignal()
            let (news, teller) = AsyncThrowingStream<Void, any Error>.makeStream()
            for service in services {
                group.addTask {
                    do {
                        try await service.run(ready: { teller.yield() }, stop: stop)
                    } catch {
                        teller.finish(throwing: error)
                        throw error
                    }
                }
            }
            defer { stop.fire() }
            var ready = news.makeAsyncIterator()
            for _ in services { try await ready.next() }
            let result = try await body()
            stop.fire()
            try await group.waitForAll()
            return result
        }
    }
}
