import WippyDefinition
public import WippyMessaging
public import WippyRuntime
import WippyTestTools

/// Tests a driver against the rules of `QueueDriver`, `MessageQueue` and `MessageSubscription`.
///
/// ```swift
/// try await QueueDriverConformance { environment, folder in
///     let driver = MyDriver(file: "\(folder)/queue.db", clock: environment.clock)
///     return (driver, driver.service)
/// }.check()
/// ```
public struct QueueDriverConformance: Sendable {
    private let suite: QueueSuite

    /// Creates a test of a driver.
    ///
    /// - Parameters:
    ///   - optionsOfOne: the options of a queue that is full when it holds one message; nil if the driver's queues are
    ///     never full. Default: nil.
    ///   - clock: the driver's clock. Default: a `TestClock`, which moves only when a rule lets time pass. A driver
    ///     that polls needs `SystemClock()`.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 60 s.
    ///   - failStorage: makes every call of the driver's storage fail if `fails` is true, and lets the storage work
    ///     again if `fails` is false. The errors must be such that another attempt may succeed. If this closure is nil,
    ///     no rule about a failing storage is tested. Default: nil.
    ///   - make: makes the driver and the service behind it. It may be called several times for each rule. The folder
    ///     is new for each rule, and its name is unique. A rule about the queue of another driver has a second folder
    ///     for that driver. If the queues are durable, a second driver in the same folder must have the messages of the
    ///     first. As in an application, queues are made both before the service runs and while it runs.
    public init<Driver: QueueDriver>(
        optionsOfOne: Driver.Options? = nil, clock: (any RuntimeClock)? = nil, limit: Duration = .seconds(60),
        failStorage: (@Sendable (_ driver: Driver, _ fails: Bool) async throws -> Void)? = nil,
        _ make:
            @escaping @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
                driver: Driver, service: any ManagedService
            )
    ) {
        suite = QueueSuite(optionsOfOne: optionsOfOne, clock: clock, limit: limit, failStorage: failStorage) {
            let made = try await make($0, $1)
            return (made.driver, nil, made.service)
        }
    }

    /// Creates a test of a driver of any type, whose queues have no options.
    ///
    /// `canFail` is true if `make` gives a closure that makes the driver's storage fail.
    init(
        limit: Duration, canFail: Bool,
        _ make:
            @escaping @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
                driver: any QueueDriver, service: any ManagedService, failStorage: FailureCauses.Switch?
            )
    ) {
        suite = QueueSuite(limit: limit, canFail: canFail) { environment, folder in
            let made = try await make(environment, folder)
            func taken<Driver: QueueDriver>(_ driver: Driver) -> QueueBench.Driver {
                var failStorage: (@Sendable (Driver, Bool) async throws -> Void)?
                if let fail = made.failStorage { failStorage = { _, fails in try await fail(fails) } }
                return QueueBench.Driver(
                    driver, service: made.service, optionsOfOne: nil, failStorage: failStorage)
            }
            return taken(made.driver)
        }
    }

    /// Tests every rule that the arguments of the initializer allow.
    ///
    /// A queue that `isDurable` must keep its messages when the process ends. The rules about schedules are tested if
    /// the queue is a `ScheduleStore`.
    ///
    /// - Returns: the rules that were not tested, because `optionsOfOne` or `failStorage` is nil.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled; the error of `make` or of the driver if no queue can be made before the first rule.
    @discardableResult
    public func check() async throws -> [String] {
        let queue = try await suite.anyQueue()
        let keepsSchedules = queue.ability((any ScheduleStore).self) != nil
        let rulesOfBounded = Self.rulesOfBounded + (keepsSchedules ? Self.rulesOfBoundedSchedules : [])
        let rules =
            Self.rules + (queue.isDurable ? Self.rulesOfDurable : Self.rulesOfOthers)
            + (keepsSchedules ? Self.rulesOfSchedules : []) + rulesOfBounded.map { $0.tested(if: suite.isBounded) }
            + Self.rulesOfFailures.map { $0.tested(if: suite.canFail) }
        return try await suite.check(rules, of: "queue driver")
    }

    private static let rules: [Rule<QueueBench>] = [
        Rule("A message comes as it was published", content),
        Rule("Messages come in the order in which they were published", order),
        Rule("A worker waits until there is a message", waiting),
        Rule("Only one worker has a message at a time", oneHand),
        Rule("A subscription claims at most 'prefetch' messages ahead of its workers", prefetch),
        Rule("The counts say how many messages are ready, delayed and claimed", counts),
        Rule("Publishing in a cancelled task leaves nothing in the queue", cancelledPublisher),
        Rule("A worker that is cancelled takes no message", cancelledWorker),
        Rule(
            "If a worker is cancelled as a message arrives, the message is with the worker or in the queue", meeting),

        Rule("A decisive option that the driver does not support is refused, never ignored", refusedOptions),
        Rule("A 'delay' that the driver supports passes before the message comes", delayOption),
        Rule("A 'priority' that the driver supports decides which message comes first", priorityOption),
        Rule("A message with a 'ttl' that the driver supports comes within that time or never", timeToLiveOption),
        Rule(
            "If the driver supports 'unique', a queue has one message with a key, and says which one it keeps",
            uniqueOptions),
        Rule("The key of a dead letter counts until its 'unique_period' ends", uniqueOptionOfDeadLetter),

        Rule("An acknowledged message is gone", acknowledged),
        Rule("A rejected message comes again after its delay, with one more attempt", rejected),
        Rule("Without a dead-letter queue, a message is retried forever", triedForEver),
        Rule("A returned message comes again unchanged, and the attempt does not count", returned),
        Rule("Only the first settlement of a delivery counts, and each one says whether it counts", settledOnce),
        Rule("A settlement is for its own delivery, not for a later one of the same message", settledLate),
        Rule("A delivery is settled even if the task is cancelled", settledInCancelledTask),

        Rule("A closed subscription gives nil to waiting workers and to later calls", closed),
        Rule("Closing returns the prefetched messages, and no attempt counts", prefetchedGoesBack),
        Rule("A worker can settle its message after the subscription was closed", settledAfterClose),
        Rule(
            "A subscription closes even if the task is cancelled, and a second close does nothing",
            closedInCancelledTask),

        Rule(
            "A message that was tried often enough is a dead letter, with its headers, of the same driver", deadLetter),
        Rule("A dead letter moves into the queue of another driver", deadLetterElsewhere),
        Rule("A queue that wraps the dead-letter queue learns of each dead letter", wrappedDeadLetter),
        Rule(
            "If the dead-letter queue refuses a message, the message stays until the queue accepts it",
            refusedDeadLetter),
        Rule(
            "A worker does not wait for long for a dead-letter queue of another driver, and the message stays",
            hangingDeadLetters),
        Rule("A message says when it was published, also as a dead letter", timestamp),

        Rule("Draining returns the number of messages that were ever accepted", drainCounts),
        Rule("Cancelling the task ends a drain", cancelledDrain),
        Rule("After its service has stopped, publishing fails with Unavailable and can be retried", stopped),
        Rule("Its service can run again", runsAgain),
        Rule("A queue that is made while the service runs works like any other queue", madeWhileRunning),
        Rule("A change of a queue's settings does nothing before it is applied", preparedChange),
        Rule("A queue whose settings change in place keeps its messages and follows the new settings", changedSettings),
        Rule("A change that is taken back leaves the messages and the old settings", changeTakenBack),
        Rule("A queue with a new name or driver keeps its messages, or is built anew", changedPlace),
        Rule("With many publishers and workers, no message is lost or handled twice", load),
        Rule("In any order of events, every message is acknowledged once or becomes a dead letter", interleavings),
    ]

    private static let rulesOfDurable: [Rule<QueueBench>] = [
        Rule("Draining does not wait, because a durable queue loses nothing", drainsAtOnce),
        Rule("A new driver on the same storage has the old messages, without the acknowledged ones", madeAnew),
        Rule("A queue that is made again while the service runs has the same messages", madeOnceMore),
    ]

    private static let rulesOfOthers: [Rule<QueueBench>] = [
        Rule("Draining waits until no message is ready, claimed, or due before the deadline", drains),
        Rule("At the stop, a warning for each queue says how many messages are left", countsLost),
    ]

    private static let rulesOfFailures: [Rule<QueueBench>] = [
        Rule("If the storage fails, publishing fails with Unavailable, and keeps the message at most once", keptOnce),
        Rule("If a settlement fails, the worker still has the message, and settles it again", settledAgain),
        Rule("A worker that asks again after a failure of the storage gets its message", askedAgain),
    ]

    private static let rulesOfSchedules: [Rule<QueueBench>] = [
        Rule("A new schedule has no mark, and each schedule has its own mark", ownMarks),
        Rule("A mark moves together with its message, and only from the expected place", movesOnce),
        Rule("When many callers move a mark at the same time, one succeeds and there is one message", movesOfMany),
        Rule("A new driver on the same storage has the old marks", keptMarks),
    ]

    private static let rulesOfBoundedSchedules: [Rule<QueueBench>] = [
        Rule("A full queue refuses a schedule's message, and leaves the mark where it was", refusedMove)
    ]

    private static let rulesOfBounded: [Rule<QueueBench>] = [
        Rule("A publisher waits until a full queue has room", waitsForRoom),
        Rule(
            "After 'publish_timeout', publishing to a full queue fails with Unavailable and can be retried",
            publishTimeout),
        Rule(
            "With a 'publish_timeout' of 0, publishing to a full queue fails with Unavailable at once", noPublishTimeout
        ),
        Rule("A publisher that is cancelled while it waits leaves without its message", cancelledWaitForRoom),
        Rule(
            "A publisher that waits for room when the service stops fails with Unavailable in time and can be retried",
            stoppedWaitForRoom),
        Rule("A full queue accepts a rejected message", rejectedIntoFullQueue),
        Rule("A dead letter is kept while its queue is full", deadLetterIntoFullQueue),
    ]
}
