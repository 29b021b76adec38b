import WippyText

/// The error for an implementation that breaks a rule of its protocol.
public struct BrokenRule: Error, CustomStringConvertible {
    /// The sort of implementation that was tested, such as `queue driver`.
    public let contract: String

    /// The rule, such as `Only the first settlement of a delivery counts`.
    public let rule: String

    /// The expected result and the actual one, or the error that the test of the rule met.
    public let problem: String

    /// The sort of implementation, the rule and the problem, separated by colons.
    public var description: String { "\(contract): \(rule): \(problem)" }
}

/// One rule of a contract, and the test of it.
///
/// A suite for a contract is a list of rules. Each is tested on a *bench* of its own, a value with a new instance of
/// the tested type:
///
/// ```swift
/// let rules: [Rule<any Ticker>] = [
///     Rule("A new ticker has not ticked") { ticker in
///         try require("the number of ticks", ticker.count, is: 0)
///     }
/// ]
/// try await Rule.check(rules, of: "ticker") { makeTicker() }
/// ```
public struct Rule<Bench: Sendable>: Sendable {
    /// The rule, in one sentence without a full stop.
    public let words: String

    package let check: @Sendable (Bench) async throws -> Void

    /// False if the suite was not given the value that the test needs.
    public private(set) var canBeTested: Bool

    /// Creates a rule.
    ///
    /// - Parameters:
    ///   - words: the rule, in one sentence without a full stop.
    ///   - check: tests the rule, and throws an error if it is broken, such as one of `require(_:_:)`.
    public init(_ words: String, _ check: @escaping @Sendable (Bench) async throws -> Void) {
        self.words = words
        self.check = check
        canBeTested = true
    }

    /// Creates a rule whose test needs a value that a suite may not have, such as a closure that makes a storage fail.
    ///
    /// - Parameters:
    ///   - words: the rule, in one sentence without a full stop.
    ///   - value: the value; nil if the suite does not have it. Then the rule is not tested.
    ///   - check: tests the rule with the value, and throws an error if the rule is broken.
    public init<Needed: Sendable>(
        _ words: String, with value: Needed?,
        _ check: @escaping @Sendable (Bench, Needed) async throws -> Void
    ) {
        self.words = words
        self.check = { bench in
            if let value { try await check(bench, value) }
        }
        canBeTested = value != nil
    }

    /// Returns the rule.
    ///
    /// If `canBeTested` is false, a suite does not test it.
    public func tested(if canBeTested: Bool) -> Rule {
        var rule = self
        rule.canBeTested = self.canBeTested && canBeTested
        return rule
    }

    /// Tests each rule with an implementation of its own.
    ///
    /// A rule whose test does not end within twenty times `limit` counts as broken. The test is cancelled then, and
    /// goes on by itself if it does not heed that.
    ///
    /// - Parameters:
    ///   - rules: the rules, in the order of their tests.
    ///   - contract: the words for the sort of implementation in the error, such as `queue driver`.
    ///   - limit: the longest time that a rule waits for one event, in real time. Default: 60 s.
    ///   - makeBench: makes a new bench for one rule.
    /// - Returns: the words of the rules that were not tested.
    /// - Throws: ``BrokenRule`` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public static func check(
        _ rules: [Rule], of contract: String, limit: Duration = .seconds(60), on makeBench: () async throws -> Bench
    ) async throws -> [String] {
        let patience = Patience(limit: limit * 20)
        let rules = ChosenRules.words.map { words in rules.filter { $0.words.containsExactly(words) } } ?? rules
        for rule in rules where rule.canBeTested {
            do {
                let bench = try await makeBench()
                try await patience.outcome(of: "the test of the rule") { try await rule.check(bench) }
            } catch {
                try Task.checkCancellation()
                throw BrokenRule(contract: contract, rule: rule.words, problem: "\(error)")
            }
        }
        return rules.filter { !$0.canBeTested }.map(\.words)
    }
}

/// The rules that suites test, if not all.
///
/// A flawed implementation is tested by the rule that it breaks alone. Otherwise a busy machine can let another rule
/// wait too long first.
package enum ChosenRules {
    @TaskLocal fileprivate static var words: String?

    /// Runs a closure in which suites test only the rules whose sentence contains some words.
    package static func containing<Result>(
        _ words: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await $words.withValue(words, operation: body, isolation: isolation)
    }
}

/// The problem that the test of a rule has found: the expected result and the actual one.
public struct Finding: Error, CustomStringConvertible {
    /// The problem, such as `the number of ticks must be 0, got 1`.
    public let description: String

    /// Creates a finding.
    public init(_ description: String) {
        self.description = description
    }
}

/// Throws a finding if a condition does not hold.
public func require(_ holds: Bool, _ problem: @autoclosure () -> String) throws(Finding) {
    if !holds { throw Finding(problem()) }
}

/// Throws a finding if a value is not the expected one.
///
/// - Parameters:
///   - part: the words for the value in the finding, such as `the number of ticks`.
///   - actual: the value.
///   - expected: the expected value.
public func require<Part: Equatable>(_ part: String, _ actual: Part, is expected: Part) throws(Finding) {
    try require(actual == expected, "\(part) must be \(expected), got \(actual)")
}

/// Throws a finding if a call does not throw, or if it throws another error than the expected one.
///
/// - Parameters:
///   - call: the words for the call in the finding, such as `a call after the end`.
///   - type: the type of the expected error.
///   - body: the call.
/// - Returns: the error.
@discardableResult
public func require<Failure: Error>(
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

/// The longest time that a rule waits for one event, in real time.
///
/// It only ends a wait for an event that never comes.
package struct Patience: Sendable {
    package let limit: Duration

    package init(limit: Duration) {
        self.limit = limit
    }

    /// Returns the outcome of a call that must end in time.
    ///
    /// A call that does not end is cancelled, and the test goes on without it.
    package func outcome<Result: Sendable>(
        of call: String, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let work = Task { try await body() }
        return try await outcome(of: call, work)
    }

    /// Returns the outcome of a task that must end in time.
    package func outcome<Result: Sendable>(
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

    /// Waits until a condition holds.
    package func eventually(_ expectation: String, _ holds: () async throws -> Bool) async throws {
        try await WippyTestTools.eventually(expectation, within: limit, holds)
    }
}

/// Runs `body` in a task that is cancelled from the start.
package func inCancelledTask<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
) -> Task<Result, any Error> {
    let task = Task {
        while !Task.isCancelled { await Task.yield() }
        return try await body()
    }
    task.cancel()
    return task
}
