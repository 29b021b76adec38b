/// A rule of a contract that an implementation has broken.
public struct BrokenRule: Error, CustomStringConvertible {
    /// The contract: `queue driver`.
    public let contract: String

    /// The rule: `Only the first settlement of a delivery counts`.
    public let rule: String

    /// What was expected, and what happened.
    public let problem: String

    /// All three in one line.
    public var description: String { "\(contract): \(rule): \(problem)" }
}

/// One rule of a contract, and how an implementation is tried on it.
struct Rule<Bench: Sendable>: Sendable {
    let words: String
    let check: @Sendable (Bench) async throws -> Void

    init(_ words: String, _ check: @escaping @Sendable (Bench) async throws -> Void) {
        self.words = words
        self.check = check
    }

    /// Tries one implementation after the other, each on one rule.
    ///
    /// - Throws: ``BrokenRule`` at the first rule that is broken; `CancellationError` when the task is cancelled.
    static func check(
        _ rules: [Rule], of contract: String, on makeBench: () async throws -> Bench
    ) async throws {
        for rule in rules {
            do {
                try await rule.check(try await makeBench())
            } catch {
                try Task.checkCancellation()
                throw BrokenRule(contract: contract, rule: rule.words, problem: "\(error)")
            }
        }
    }
}

/// What a rule found: its description says what was expected and what came.
struct Finding: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Finds that something does not hold.
func require(_ holds: Bool, _ problem: @autoclosure () -> String) throws(Finding) {
    if !holds { throw Finding(problem()) }
}

/// Finds that something is not what it must be.
func require<Part: Equatable>(_ part: String, _ actual: Part, is expected: Part) throws(Finding) {
    try require(actual == expected, "\(part) must be \(expected), got \(actual)")
}

/// Finds that a call does not throw, or throws something else; gives the error.
@discardableResult
func require<Failure: Error>(
    _ call: String, throws type: Failure.Type, _ body: () async throws -> Void
) async throws(Finding) -> Failure {
    do {
        try await body()
    } catch let error as Failure {
        return error
    } catch {
        throw Finding("\(call) must throw a \(type), and threw \(Swift.type(of: error)): \(error)")
    }
    throw Finding("\(call) must throw a \(type), and threw nothing")
}

/// How long a rule waits for what must happen, in real time: so long that only what never comes is too late.
struct Patience: Sendable {
    let limit: Duration

    /// The outcome of something that must end.
    ///
    /// What has not ended when the time is up is cancelled and left behind, so that it holds nothing up.
    func outcome<Result: Sendable>(
        of call: String, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let work = Task { try await body() }
        return try await outcome(of: call, work)
    }

    /// The outcome of a task that must end.
    func outcome<Result: Sendable>(
        of call: String, _ work: Task<Result, any Error>
    ) async throws -> Result {
        let (outcomes, continuation) = AsyncStream<Swift.Result<Result, any Error>>.makeStream()
        let waiting = Task { continuation.yield(await work.result) }
        let timer = Task {
            try await Task.sleep(for: limit)
            continuation.yield(.failure(Finding("\(call) has not ended within \(limit)")))
        }
        defer {
            waiting.cancel()
            timer.cancel()
            work.cancel()
        }
        for await outcome in outcomes { return try outcome.get() }
        throw CancellationError()
    }

    /// Waits until something holds.
    func eventually(_ expectation: String, _ holds: () async throws -> Bool) async throws {
        try await WippyTesting.eventually(expectation, within: limit, holds)
    }
}

/// Runs `body` in a task that is cancelled already.
func inCancelledTask<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
) -> Task<Result, any Error> {
    let task = Task {
        while !Task.isCancelled { await Task.yield() }
        return try await body()
    }
    task.cancel()
    return task
}
