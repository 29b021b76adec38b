import Synchronization
import WippyLog
public import WippyMessaging
public import WippyRuntime
import WippyTestTools

/// Tests whether a type that keeps work obeys the rules of `AcceptedWork`.
///
/// ```swift
/// try await AcceptedWorkConformance(
///     add: { batcher, count in batcher.add(count) }, finish: { batcher, count in batcher.write(count) }
/// ) { environment, folder in
///     (Batcher(file: "\(folder)/a"), Batcher(file: "\(folder)/b"), nil)
/// }.check()
/// ```
public struct AcceptedWorkConformance: Sendable {
    private let canMove: Bool
    private let limit: Duration
    private let make: @Sendable (RuntimeEnvironment, String) async throws -> Made

    /// Two holders of work, and the service behind them.
    private typealias Made = (work: HeldWork, other: HeldWork, service: (any ManagedService)?)

    /// Creates a test of a type.
    ///
    /// - Parameters:
    ///   - canMove: true if the work can move to another instance of the type. Default: true.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - add: gives units of work to an instance, which must accept all of them. A rule adds at most 20 units.
    ///   - finish: lets `count` units of an instance's work be done. The instance has at least that number of units.
    ///   - make: makes two instances without work, and the service that must run while they are used; nil if there is
    ///     none. It is called once for each rule. The folder is new for each rule.
    public init<Work: AcceptedWork>(
        canMove: Bool = true, limit: Duration = .seconds(60),
        add: @escaping @Sendable (_ work: Work, _ count: Int) async throws -> Void,
        finish: @escaping @Sendable (_ work: Work, _ count: Int) async throws -> Void,
        _ make:
            @escaping @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
                work: Work, other: Work, service: (any ManagedService)?
            )
    ) {
        self.canMove = canMove
        self.limit = limit
        let patience = Patience(limit: limit)
        self.make = { environment, folder in
            func held(_ work: Work) -> HeldWork {
                HeldWork(work: work, patience: patience) {
                    try await add(work, $0)
                } finish: {
                    try await finish(work, $0)
                }
            }
            let made = try await make(environment, folder)
            return (held(made.work), held(made.other), made.service)
        }
    }

    /// Creates a test of queues, whose messages are the work.
    ///
    /// - Parameters:
    ///   - canMove: true if the queues conform to `MovableQueue`. Default: true.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - make: makes two queues without messages, and the service of their driver. It is called once for each rule.
    ///     The folder is new for each rule.
    public init<Queue: MessageQueue>(
        canMove: Bool = true, limit: Duration = .seconds(60),
        queues make:
            @escaping @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
                work: Queue, other: Queue, service: (any ManagedService)?
            )
    ) {
        self.init(
            canMove: canMove, limit: limit,
            add: { queue, count in
                for number in 0..<count { try await queue.publish(Message(body: .integer(number))) }
            },
            finish: { queue, count in
                let subscription = try await queue.subscribe(prefetch: 1)
                for _ in 0..<count {
                    guard let delivery = try await subscription.next() else {
                        throw Finding("'next' must give a message")
                    }
                    try await subscription.settle(delivery, .acknowledged)
                }
                await subscription.close()
            }, make)
    }

    /// Tests every rule.
    ///
    /// - Returns: the rules that were not tested: always none.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        let rules = Self.rules + (canMove ? Self.rulesOfMovable : Self.rulesOfOthers)
        return try await Rule.check(rules, of: "accepted work", limit: limit) {
            let clock = SystemClock()
            let environment = RuntimeEnvironment(
                executors: SharedPoolExecutors(), clock: clock, log: .silent, metrics: Metrics())
            let folder = try TemporaryFolder()
            let made = try await make(environment, folder.path)
            return AcceptedWorkBench(
                work: made.work, other: made.other, service: made.service, folder: folder, clock: clock,
                patience: Patience(limit: limit))
        }
    }

    private static let rules: [Rule<AcceptedWorkBench>] = [
        Rule("It has nouns for itself and its work", nouns),
        Rule("The amount is the number of units that are added and not done", amount),
        Rule("The number that draining returns grows with each unit, and stays the same without one", drainCounts),
        Rule("If the work is durable, draining does not wait; otherwise it waits until the work is done", drains),
        Rule("Cancelling the task ends a drain", cancelledDrain),
        Rule("It gives no call that moves work to an entry of an unknown type", stranger),
    ]

    private static let rulesOfMovable: [Rule<AcceptedWorkBench>] = [
        Rule("Asking for the call that moves the work moves nothing", askedOnly),
        Rule("All of its work moves, and moves back", moves),
        Rule("The work moves to an entry that has work already, and is added to it", movesTogether),
        Rule("A move in a cancelled task ends, and loses and doubles nothing", cancelledMove),
    ]

    private static let rulesOfOthers: [Rule<AcceptedWorkBench>] = [
        Rule("Work that cannot move has no call that moves it", staysHere)
    ]
}

// Counting and draining.
extension AcceptedWorkConformance {
    static func nouns(_ test: AcceptedWorkBench) async throws {
        let nouns = test.work.work.nouns
        try require(!nouns.holder.isEmpty, "the noun for the entry must not be empty")
        try require(!nouns.units.isEmpty, "the noun for its work must not be empty")
    }

    static func amount(_ test: AcceptedWorkBench) async throws {
        try await test.running { work, other in
            try require("the amount without work", try await work.amount(), is: 0)
            try await work.add(3)
            try require("the amount", try await work.amount(), is: 3)
            try require("the amount of another entry", try await other.amount(), is: 0)
            try await work.finish(1)
            try require("the amount after a unit was done", try await work.amount(), is: 2)
            try await work.finish(2)
            try require("the amount after all were done", try await work.amount(), is: 0)
        }
    }

    static func drainCounts(_ test: AcceptedWorkBench) async throws {
        try await test.running { work, _ in
            var last = try await work.drain(until: .zero)
            for count in [1, 3] {
                try await work.add(count)
                try await work.finish(count)
                let next = try await work.drain(until: .zero)
                try require(next >= last + count, "the number must grow by \(count), from \(last), and is \(next)")
                try require("the number without new work", try await work.drain(until: .zero), is: next)
                last = next
            }
        }
    }

    static func drains(_ test: AcceptedWorkBench) async throws {
        let deadline = test.clock.now + .seconds(86_400)
        try await test.running { work, _ in
            try await work.add(2)
            guard !work.work.isDurable else {
                _ = try await work.drain(until: deadline)
                return try require("the amount after the drain", try await work.amount(), is: 2)
            }
            let hasBegun = OneShotEvent()
            let left = Task {
                hasBegun.fire()
                _ = try await work.drain(until: deadline)
                return try await work.amount()
            }
            await hasBegun.wait()
            // A drain that does not wait gets the chance to end.
            for _ in 0..<100 { await Task.yield() }
            for _ in 0..<2 { try await work.finish(1) }
            try require("what is left when the drain ends", try await left.value, is: 0)
        }
    }

    static func cancelledDrain(_ test: AcceptedWorkBench) async throws {
        try await test.running { work, _ in
            try await work.add(1)
            let deadline = test.clock.now + .seconds(86_400)
            let draining = inCancelledTask { await work.work.drain(until: deadline) }
            _ = try await test.patience.outcome(of: "a cancelled 'drain'", draining)
            try require("the amount after the drain", try await work.amount(), is: 1)
        }
    }
}

// Moving.
extension AcceptedWorkConformance {
    /// Work of a type that no other type knows.
    private struct UnknownWork: AcceptedWork {
        let nouns = WorkNouns(holder: "unknown entry", units: "units")
        let amount = 0
        func drain(until deadline: Duration) -> Int { 0 }
    }

    static func stranger(_ test: AcceptedWorkBench) async throws {
        try require(test.work.work.move(to: UnknownWork()) == nil, "'move(to:)' must return nil")
    }

    static func staysHere(_ test: AcceptedWorkBench) async throws {
        try require(test.work.work.move(to: test.other.work) == nil, "'move(to:)' must return nil")
    }

    static func askedOnly(_ test: AcceptedWorkBench) async throws {
        try await test.running { work, other in
            try await work.add(2)
            _ = try work.call(to: other)
            try require("the amount", try await work.amount(), is: 2)
            try require("the amount of the other entry", try await other.amount(), is: 0)
        }
    }

    static func moves(_ test: AcceptedWorkBench) async throws {
        try await test.running { work, other in
            try await work.add(20)
            for (old, new) in [(work, other), (other, work)] {
                try await old.move(to: new)
                try require("the amount that is left", try await old.amount(), is: 0)
                try require("the amount that was moved", try await new.amount(), is: 20)
            }
            try await work.finish(20)
            try require("the amount after all were done", try await work.amount(), is: 0)
        }
    }

    static func movesTogether(_ test: AcceptedWorkBench) async throws {
        try await test.running { work, other in
            try await work.add(2)
            try await other.add(3)
            try await work.move(to: other)
            try require("the amount that is left", try await work.amount(), is: 0)
            try require("the amount of the other entry", try await other.amount(), is: 5)
        }
    }

    static func cancelledMove(_ test: AcceptedWorkBench) async throws {
        try await test.running { work, other in
            try await work.add(20)
            let call = try work.call(to: other)
            let moving = inCancelledTask { try? await call() }
            _ = try await test.patience.outcome(of: "a move in a cancelled task", moving)
            try require("both amounts", try await work.amount() + other.amount(), is: 20)
        }
    }
}

/// Two holders of work under test.
struct AcceptedWorkBench: Sendable {
    let work, other: HeldWork
    let service: (any ManagedService)?
    /// The folder, which exists as long as the bench.
    let folder: TemporaryFolder
    let clock: any RuntimeClock
    let patience: Patience

    /// Runs the service until `body` has ended.
    func running(_ body: (_ work: HeldWork, _ other: HeldWork) async throws -> Void) async throws {
        guard let service else { return try await body(work, other) }
        try await service.running(with: patience) { try await body(work, other) }
    }
}

/// A holder of work under test.
///
/// Each of its calls must end.
struct HeldWork: Sendable {
    let work: any AcceptedWork
    private let patience: Patience
    private let addWork, finishWork: @Sendable (Int) async throws -> Void

    init(
        work: any AcceptedWork, patience: Patience, add: @escaping @Sendable (Int) async throws -> Void,
        finish: @escaping @Sendable (Int) async throws -> Void
    ) {
        (self.work, self.patience) = (work, patience)
        (addWork, finishWork) = (add, finish)
    }

    func add(_ count: Int) async throws {
        try await patience.outcome(of: "adding \(count) units") { try await addWork(count) }
    }

    func finish(_ count: Int) async throws {
        try await patience.outcome(of: "finishing \(count) units") { try await finishWork(count) }
    }

    func amount() async throws -> Int {
        try await patience.outcome(of: "'amount'") { try await work.amount }
    }

    func drain(until deadline: Duration) async throws -> Int {
        try await patience.outcome(of: "'drain'") { await work.drain(until: deadline) }
    }

    /// Returns the call that moves the work to another holder.
    func call(to other: HeldWork) throws(Finding) -> @Sendable () async throws -> Void {
        guard let call = work.move(to: other.work) else {
            throw Finding("'move(to:)' must return a call, and returned nil")
        }
        return call
    }

    func move(to other: HeldWork) async throws {
        try await patience.outcome(of: "the move", try call(to: other))
    }
}
