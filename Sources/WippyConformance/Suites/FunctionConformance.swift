public import WippyRuntime
import WippyTestTools
public import WippyValues

/// Tests a function against the rules of `Function`.
///
/// ```swift
/// try await FunctionConformance(argument: ["n": 2], answer: 4, misfit: "two") { Square() }.check()
/// ```
public struct FunctionConformance: Sendable {
    private let argument: Value
    private let answer: Value
    private let misfit: Value?
    private let endless: Value?
    private let limit: Duration
    private let make: @Sendable () async throws -> any Function

    /// Creates a test of a function, with values to call it with.
    ///
    /// - Parameters:
    ///   - argument: a value that the function accepts.
    ///   - answer: the function's result for `argument`, each time.
    ///   - misfit: a value that the function does not accept; nil if it accepts every value. Default: nil.
    ///   - endless: a value for which the function runs until it is cancelled; nil if there is no such value. Default:
    ///     nil.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - make: makes the function. It is called once for each rule.
    public init(
        argument: Value, answer: Value, misfit: Value? = nil, endless: Value? = nil, limit: Duration = .seconds(60),
        _ make: @escaping @Sendable () async throws -> any Function
    ) {
        self.argument = argument
        self.answer = answer
        self.misfit = misfit
        self.endless = endless
        self.limit = limit
        self.make = make
    }

    /// Tests every rule for which it has the values.
    ///
    /// - Returns: the rules that were not tested, because `misfit` or `endless` is nil.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        try await Rule.check(rules, of: "function", limit: limit) {
            FunctionBench(function: try await make(), patience: Patience(limit: limit))
        }
    }

    private var rules: [Rule<FunctionBench>] {
        [
            Rule("It answers", answers),
            Rule("It answers many calls at the same time, each with its own answer", answersMany),
            Rule("It refuses a wrong argument with Invalid, in words for the caller", with: misfit, refusesMisfit),
            Rule("Cancelling the caller's task cancels the call", with: endless, endsWhenCancelled),
        ]
    }

    private func answers(_ test: FunctionBench) async throws {
        try require("the answer", try await test.call(argument), is: answer)
    }

    private func answersMany(_ test: FunctionBench) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 { group.addTask { try await test.call(argument) } }
            for try await each in group { try require("each answer", each, is: answer) }
        }
    }

    private func refusesMisfit(_ test: FunctionBench, _ misfit: Value) async throws {
        let error = try await require("a call with \(misfit)", throws: WippyError.self) {
            _ = try await test.call(misfit)
        }
        try require("the error's kind", error.kind, is: .invalid)
        try require(error.cause is ArgumentMisfit, "the error's cause must be an ArgumentMisfit: \(error)")
    }

    private func endsWhenCancelled(_ test: FunctionBench, _ endless: Value) async throws {
        let call = Task { try await test.function.call(endless) }
        call.cancel()
        _ = try await test.patience.outcome(of: "a cancelled call") { await call.result }
    }
}

/// A function under test.
private struct FunctionBench: Sendable {
    let function: any Function
    let patience: Patience

    func call(_ argument: Value) async throws -> Value {
        try await patience.outcome(of: "a call with \(argument)") { try await function.call(argument) }
    }
}
