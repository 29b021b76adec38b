public import WippyRuntime
import WippyTestTools

/// Tests a service against the rules of `ManagedService`.
///
/// The service must run until it is told to stop.
///
/// ```swift
/// try await ManagedServiceConformance { Ticker(interval: .seconds(1)) }.check()
/// ```
public struct ManagedServiceConformance: Sendable {
    private let limit: Duration
    private let make: @Sendable () async throws -> any ManagedService

    /// Creates a test of a service.
    ///
    /// - Parameters:
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - make: makes the service. It is called once for each rule.
    public init(
        limit: Duration = .seconds(60), _ make: @escaping @Sendable () async throws -> any ManagedService
    ) {
        self.limit = limit
        self.make = make
    }

    /// Tests every rule.
    ///
    /// - Returns: the rules that were not tested: always none.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        try await Rule.check(Self.rules, of: "managed service", limit: limit) {
            ServiceBench(service: try await make(), patience: Patience(limit: limit))
        }
    }

    private static let rules: [Rule<ServiceBench>] = [
        Rule("It says once that it is ready", readyOnce),
        Rule("Told to stop, it returns", returns),
        Rule("Told to stop before it has begun, it returns", returnsBeforeItBegan),
        Rule("Cancelled, it returns promptly", isCancelled),
        Rule("Cancelled before it has begun, it returns promptly", isCancelledBeforeItBegan),
        Rule("It leaves nothing running, so it can run again at once after any end", runsAgain),
    ]

    private static func readyOnce(_ test: ServiceBench) async throws {
        let run = test.run()
        try await run.becomeReady()
        run.stop.fire()
        try await run.end(after: "told to stop")
        try require("the number of calls of 'ready'", run.readyCalls, is: 1)
    }

    private static func returns(_ test: ServiceBench) async throws {
        try await test.service.running(with: test.patience) {}
    }

    private static func returnsBeforeItBegan(_ test: ServiceBench) async throws {
        try await test.run(isStopped: true).end(after: "told to stop before")
    }

    private static func isCancelled(_ test: ServiceBench) async throws {
        let run = test.run()
        try await run.becomeReady()
        run.task.cancel()
        try await test.endOfCancelled(run)
    }

    private static func isCancelledBeforeItBegan(_ test: ServiceBench) async throws {
        let run = test.run()
        run.task.cancel()
        try await test.endOfCancelled(run)
    }

    private static func runsAgain(_ test: ServiceBench) async throws {
        for round in 0..<10 {
            let run = test.run()
            try await run.becomeReady()
            if round.isMultiple(of: 2) {
                run.stop.fire()
                try await run.end(after: "told to stop")
            } else {
                run.task.cancel()
                try await test.endOfCancelled(run)
            }
        }
    }
}

/// A service under test.
private struct ServiceBench: Sendable {
    let service: any ManagedService
    let patience: Patience

    func run(isStopped: Bool = false) -> ServiceRun {
        ServiceRun(of: service, isStopped: isStopped, patience: patience)
    }

    /// Waits for the end of a cancelled service, which may return or throw.
    func endOfCancelled(_ run: ServiceRun) async throws {
        _ = try await patience.outcome(of: "the service's run, cancelled,") { await run.task.result }
    }
}
