import WippyDefinition
import WippyLog
public import WippyRuntime
import WippyTestTools
public import WippyValues

/// Tests a process against the rules of `HostedProcess`.
///
/// The process must run until it is told to end.
///
/// ```swift
/// try await HostedProcessConformance(input: ["every day"]) { Sweeper() }.check()
/// ```
public struct HostedProcessConformance: Sendable {
    private let input: [Value]
    private let limit: Duration
    private let make: @Sendable () async throws -> any HostedProcess

    /// Creates a test of a process.
    ///
    /// - Parameters:
    ///   - input: the arguments of each run. Default: none.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - make: makes the process. It is called once for each rule.
    public init(
        input: [Value] = [], limit: Duration = .seconds(60),
        _ make: @escaping @Sendable () async throws -> any HostedProcess
    ) {
        self.input = input
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
        try await Rule.check(Self.rules, of: "process", limit: limit) {
            ProcessBench(process: try await make(), input: input, patience: Patience(limit: limit))
        }
    }

    private static let rules: [Rule<ProcessBench>] = [
        Rule("Told to end, it ends", ends),
        Rule("Told to end before it has begun, it ends", endsBeforeItBegan),
        Rule("When its task is cancelled, it ends promptly", isCancelled),
        Rule("Several runs at the same time end independently", runsAreApart),
    ]

    private static func ends(_ test: ProcessBench) async throws {
        let run = test.run()
        try await run.becomeReady()
        run.stop.fire()
        try await test.end(of: run, "told to end")
    }

    private static func endsBeforeItBegan(_ test: ProcessBench) async throws {
        try await test.end(of: test.run(isStopped: true), "told to end before")
    }

    private static func isCancelled(_ test: ProcessBench) async throws {
        let run = test.run()
        try await run.becomeReady()
        run.task.cancel()
        try await test.end(of: run, "cancelled")
    }

    private static func runsAreApart(_ test: ProcessBench) async throws {
        let runs = (0..<3).map { _ in test.run() }
        for run in runs { try await run.becomeReady() }
        for (index, run) in runs.enumerated() {
            run.stop.fire()
            try await test.end(of: run, "told to end")
            for other in runs[(index + 1)...] {
                try require(!other.hasEnded, "a run must go on that was not told to end")
            }
        }
    }
}

/// A process under test.
private struct ProcessBench: Sendable {
    let process: any HostedProcess
    let input: [Value]
    let patience: Patience

    func run(isStopped: Bool = false) -> ServiceRun {
        ServiceRun(of: RunAsService(process: process, input: input), isStopped: isStopped, patience: patience)
    }

    /// Waits for the end of a run, which may throw `CancellationError`.
    func end(of run: ServiceRun, _ cause: String) async throws {
        do {
            try await patience.outcome(of: "the process, \(cause),", run.task)
        } catch is CancellationError {}
    }
}

/// A run of a process without a host.
private struct RunAsService: ManagedService {
    let process: any HostedProcess
    let input: [Value]

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let context = ProcessContext(
            id: EntryID(namespace: "conformance", name: "process"), input: input, log: .silent, clock: SystemClock(),
            stop: stop, ready: ready)
        _ = try await process.run(context)
    }
}
