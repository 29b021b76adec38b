import Synchronization
import WippyDefinition
import WippyLog
public import WippyRuntime
import WippyTestTools
import WippyValues

/// Tests a host against the rules of `ProcessHost`.
///
/// ```swift
/// try await ProcessHostConformance { environment in
///     let host = MyHost(environment: environment)
///     return (host, host)
/// }.check()
/// ```
public struct ProcessHostConformance: Sendable {
    private let limit: Duration
    private let make: Make

    /// Makes a host, and the service that runs it.
    public typealias Make =
        @Sendable (_ environment: RuntimeEnvironment) async throws -> (
            host: any ProcessHost, service: any ManagedService
        )

    /// Creates a test of a host.
    ///
    /// - Parameters:
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - make: makes the host. It is called once for each rule.
    public init(limit: Duration = .seconds(60), _ make: @escaping Make) {
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
        try await Rule.check(Self.rules, of: "process host", limit: limit) {
            let made = try await make(
                RuntimeEnvironment(
                    executors: SharedPoolExecutors(), clock: SystemClock(), log: .silent, metrics: Metrics()))
            return HostBench(host: made.host, service: made.service, patience: Patience(limit: limit))
        }
    }

    private static let rules: [Rule<HostBench>] = [
        Rule("While its service does not run, it fails with Unavailable and can be retried", unavailable),
        Rule("A process is told its id and its input, and says when it is ready", context),
        Rule("A run has the outcome of its process", outcomes),
        Rule("A run that is cancelled tells its process to end", cancel),
        Rule("A run that is terminated cancels its process", terminate),
        Rule("Many processes run at once", many),
        Rule("When it stops, its processes are told to end and have ended", stop),
    ]

    private static func unavailable(_ test: HostBench) async throws {
        try await test.isUnavailable()
        try await test.service.running(with: test.patience) {}
        try await test.isUnavailable()
    }

    private static func context(_ test: HostBench) async throws {
        try await test.service.running(with: test.patience) {
            let isReady = OneShotEvent()
            let run = try await test.spawn(ready: { isReady.fire() }) { context in
                guard context.id == HostBench.id, context.input == [1, "two"] else { return 1 }
                context.ready()
                return 0
            }
            try await test.ends(run, as: "completed")
            try require(isReady.isFired, "'ready' must be called when the process says so")
        }
    }

    private static func outcomes(_ test: HostBench) async throws {
        try await test.service.running(with: test.patience) {
            try await test.ends(try await test.spawn { _ in "done" }, as: "completed")
            try await test.ends(try await test.spawn { _ in 3 }, as: "failed")
            try await test.ends(try await test.spawn { _ in throw Finding("broken") }, as: "failed")
            try await test.ends(try await test.spawn { _ in throw CancellationError() }, as: "cancelled")
        }
    }

    private static func cancel(_ test: HostBench) async throws {
        try await test.service.running(with: test.patience) {
            let run = try await test.spawn { context in await context.nextEvent() == .cancel ? 0 : 1 }
            run.cancel()
            try await test.ends(run, as: "completed")
        }
    }

    private static func terminate(_ test: HostBench) async throws {
        try await test.service.running(with: test.patience) {
            let run = try await test.spawn { _ in
                try await Task.sleep(for: .seconds(86_400))
                return 0
            }
            run.terminate()
            try await test.ends(run, as: "cancelled")
        }
    }

    private static func many(_ test: HostBench) async throws {
        try await test.service.running(with: test.patience) {
            // No process ends before all have begun.
            let begun = Beginnings()
            var runs: [ProcessRun] = []
            for _ in 0..<100 {
                runs.append(
                    try await test.spawn { _ in
                        await begun.add(upTo: 100)
                        return 0
                    })
            }
            for run in runs { try await test.ends(run, as: "completed") }
        }
    }

    private static func stop(_ test: HostBench) async throws {
        let hasEnded = OneShotEvent()
        try await test.service.running(with: test.patience) {
            _ = try await test.spawn { context in
                _ = await context.nextEvent()
                await Task.yield()
                hasEnded.fire()
                return 0
            }
        }
        try require(hasEnded.isFired, "a process must have ended before its host has")
    }

    /// Counts the processes that have begun.
    private final class Beginnings: Sendable {
        private let count = Atomic(0)
        private let all = OneShotEvent()

        func add(upTo expected: Int) async {
            if count.add(1, ordering: .relaxed).newValue == expected { all.fire() }
            await all.wait()
        }
    }
}

/// A host under test.
private struct HostBench: Sendable {
    static let id = EntryID(namespace: "conformance", name: "process")

    let host: any ProcessHost
    let service: any ManagedService
    let patience: Patience

    func spawn(
        ready: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable (ProcessContext) async throws -> Value
    ) async throws -> ProcessRun {
        try await patience.outcome(of: "'spawn'") {
            try await host.spawn(ClosureProcess(body: body), as: Self.id, input: [1, "two"], ready: ready)
        }
    }

    /// Requires that a run ends as expected.
    func ends(_ run: ProcessRun, as expected: String) async throws {
        let outcome = try await patience.outcome(of: "a run") { await run.outcome }
        let word =
            switch outcome {
            case .completed: "completed"
            case .failed: "failed"
            case .cancelled: "cancelled"
            }
        try require("the outcome", word, is: expected)
    }

    func isUnavailable() async throws {
        let error = try await require("'spawn' while the service does not run", throws: WippyError.self) {
            _ = try await spawn { _ in 0 }
        }
        try require("the error's kind", error.kind, is: .unavailable)
        try require("whether it may be tried again", error.isRetryable, is: true)
    }
}

private struct ClosureProcess: HostedProcess {
    let body: @Sendable (ProcessContext) async throws -> Value

    func run(_ context: ProcessContext) async throws -> Value { try await body(context) }
}
