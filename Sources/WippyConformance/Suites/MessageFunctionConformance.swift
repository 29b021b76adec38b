import WippyDefinition
public import WippyMessaging
import WippyTestTools
public import WippyValues

/// Tests whether a function that handles messages obeys the rules of `MessageFunction`.
///
/// ```swift
/// try await MessageFunctionConformance(body: ["order": 7], misfit: "seven") { ShipOrder() }.check()
/// ```
public struct MessageFunctionConformance: Sendable {
    private let body: Value
    private let misfit: Value?
    private let endless: Value?
    private let limit: Duration
    private let make: @Sendable () async throws -> any MessageFunction

    /// Creates a test of a function, with bodies for its messages.
    ///
    /// - Parameters:
    ///   - body: the body of a message that the function handles.
    ///   - misfit: a body that the function does not accept; nil if it accepts every body. Default: nil.
    ///   - endless: a body for which the function works until it is cancelled; nil if there is no such body. Default:
    ///     nil.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - make: makes the function. It is called once for each rule.
    public init(
        body: Value, misfit: Value? = nil, endless: Value? = nil, limit: Duration = .seconds(60),
        _ make: @escaping @Sendable () async throws -> any MessageFunction
    ) {
        self.body = body
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
        try await Rule.check(rules, of: "function that handles messages", limit: limit) {
            MessageFunctionBench(function: try await make(), patience: Patience(limit: limit))
        }
    }

    private var rules: [Rule<MessageFunctionBench>] {
        [
            Rule("A message that comes again is handled again", handlesAgain),
            Rule("It handles many messages at once", handlesMany),
            Rule("It rejects a message that it cannot read", with: misfit, refusesMisfit),
            Rule("Cancelling the task ends the work", with: endless, endsWhenCancelled),
        ]
    }

    private func handlesAgain(_ test: MessageFunctionBench) async throws {
        let message = Message(body: body)
        for attempt in 1...2 { try await test.handle(message, attempt: attempt) }
    }

    private func handlesMany(_ test: MessageFunctionBench) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 { group.addTask { try await test.handle(Message(body: body)) } }
            try await group.waitForAll()
        }
    }

    private func refusesMisfit(_ test: MessageFunctionBench, _ misfit: Value) async throws {
        try await require("a message of \(misfit)", throws: (any Error).self) {
            try await test.handle(Message(body: misfit))
        }
    }

    private func endsWhenCancelled(_ test: MessageFunctionBench, _ endless: Value) async throws {
        let delivery = Delivery(
            message: Message(body: endless), queue: EntryID(namespace: "conformance", name: "tasks"), attempt: 1)
        let handling = Task { try await test.function.handle(delivery) }
        handling.cancel()
        _ = try await test.patience.outcome(of: "a cancelled 'handle'") { await handling.result }
    }
}

/// A function under test.
private struct MessageFunctionBench: Sendable {
    let function: any MessageFunction
    let patience: Patience

    func handle(_ message: Message, attempt: Int = 1) async throws {
        let delivery = Delivery(
            message: message, queue: EntryID(namespace: "conformance", name: "tasks"), attempt: attempt)
        try await patience.outcome(of: "a message of \(message.body)") { try await function.handle(delivery) }
    }
}
