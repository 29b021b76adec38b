import WippyDefinition
public import WippyQueue
public import WippyRuntime

/// Tests a driver against the rules of `QueueDriver`, `MessageQueue` and `MessageSubscription`.
///
/// ```swift
/// try await QueueDriverConformance(isDurable: true) { environment, folder in
///     let driver = MyDriver(file: "\(folder)/queue.db", clock: environment.clock)
///     return (driver, driver.service)
/// }.check()
/// ```
public struct QueueDriverConformance: Sendable {
    private let isDurable: Bool
    private let isBounded: Bool
    private let keepsSchedules: Bool
    private let clock: (any RuntimeClock)?
    private let limit: Duration
    private let make: @Sendable (RuntimeEnvironment, String) async throws -> QueueBench.Driver

    /// Creates a test of a driver.
    ///
    /// - Parameters:
    ///   - isDurable: whether messages survive the end of the process. If true, a second driver in the same folder must
    ///     have the messages of the first.
    ///   - optionsOfOne: the options of a queue that is full when it holds one message; nil if the driver's queues are
    ///     never full.
    ///   - keepsSchedules: whether the driver's queues conform to `ScheduleStore`.
    ///   - clock: the driver's clock. Default: a `TestClock`, which moves only when a rule lets time pass. A driver
    ///     that polls needs `SystemClock()`.
    ///   - limit: the longest time that the test waits for one event, in real time. Default: 30 s.
    ///   - make: makes the driver and the service behind it. It is called once or twice for each rule. The folder is
    ///     new for each rule, and its name is unique. As in an application, queues are made both before the service
    ///     runs and while it runs.
    public init<Driver: QueueDriver>(
        isDurable: Bool = false, optionsOfOne: Driver.Options? = nil, keepsSchedules: Bool = false,
        clock: (any RuntimeClock)? = nil, limit: Duration = .seconds(30),
        _ make:
            @escaping @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
                driver: Driver, service: any ManagedService
            )
    ) {
        self.isDurable = isDurable
        isBounded = optionsOfOne != nil
        self.keepsSchedules = keepsSchedules
        self.clock = clock
        self.limit = limit
        self.make = { environment, folder in
            let made = try await make(environment, folder)
            return QueueBench.Driver(made.driver, service: made.service, optionsOfOne: optionsOfOne)
        }
    }

    /// Creates a test of a driver of any type.
    ///
    /// Its queues have no options.
    init(
        isDurable: Bool, keepsSchedules: Bool, limit: Duration,
        _ make:
            @escaping @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
                driver: any QueueDriver, service: any ManagedService
            )
    ) {
        self.isDurable = isDurable
        isBounded = false
        self.keepsSchedules = keepsSchedules
        clock = nil
        self.limit = limit
        self.make = { environment, folder in
            let made = try await make(environment, folder)
            func taken(_ driver: some QueueDriver) -> QueueBench.Driver {
                QueueBench.Driver(driver, service: made.service, optionsOfOne: nil)
            }
            return taken(made.driver)
        }
    }

    /// Tests every rule.
    ///
    /// - Throws: ``BrokenRule`` for the first broken rule; `CancellationError` when the task is cancelled.
    public func check() async throws {
        let rules =
            Self.rules + (isDurable ? Self.rulesOfDurable : Self.rulesOfOthers) + (isBounded ? Self.rulesOfBounded : [])
            + (keepsSchedules ? Self.rulesOfSchedules : [])
            + (keepsSchedules && isBounded ? Self.rulesOfBoundedSchedules : [])
        try await Rule.check(rules, of: "queue driver") {
            try await QueueBench(
                in: TemporaryFolder(), clock: clock ?? TestClock(), patience: Patience(limit: limit), make)
        }
    }

    private static let rules: [Rule<QueueBench>] = [
        Rule("A message comes as it was published", content),
        Rule("Messages come in the order in which they were published", order),
        Rule("A worker waits until there is a message", waiting),
        Rule("A message is in the hands of one worker only", oneHand),
        Rule("No more is held ahead of the workers than 'prefetch' says", prefetch),
        Rule("The counts say how many messages are ready, delayed and claimed", counts),
        Rule("Publishing in a cancelled task leaves nothing in the queue", cancelledPublisher),
        Rule("A worker that is cancelled takes no message", cancelledWorker),
        Rule("However a message and a cancellation meet, the message is with the worker or in the queue", meeting),

        Rule("A decisive option that the driver does not support is refused, never ignored", refusedOptions),
        Rule("A 'delay' that the driver supports passes before the message comes", delayOption),
        Rule("A 'priority' that the driver supports decides which message comes first", priorityOption),
        Rule("A message with a 'ttl' that the driver supports comes within that time or never", timeToLiveOption),
        Rule("Of messages with one 'unique' key there is one, if the driver supports it", uniqueOptions),

        Rule("An acknowledged message is gone", acknowledged),
        Rule("A rejected message comes again when its delay has passed, with one attempt more", rejected),
        Rule("Without a dead-letter queue a message is tried for ever", triedForEver),
        Rule("A returned message comes again as it was, and no attempt is counted", returned),
        Rule("Only the first settlement of a delivery counts", settledOnce),
        Rule("A settlement is for its own delivery, not for a later one of the same message", settledLate),
        Rule("Settling is done although the task is cancelled", settledInCancelledTask),

        Rule("A closed subscription gives nil, to those who wait and from then on", closed),
        Rule("Closing gives back what was prefetched, without an attempt counted", prefetchedGoesBack),
        Rule("What is in hand when the subscription is closed is still to be settled", settledAfterClose),
        Rule("Closing is done although the task is cancelled, and again does nothing", closedInCancelledTask),

        Rule(
            "A message that was tried often enough is a dead letter, with its headers, of the same driver", deadLetter),
        Rule("A dead letter moves into the queue of another driver", deadLetterElsewhere),
        Rule("A dead letter that its queue does not take is kept until it does", refusedDeadLetter),
        Rule("A message says when it was published, also as a dead letter", timestamp),

        Rule("Draining tells how many messages were ever accepted", drainCounts),
        Rule("Cancelling the task ends a drain", cancelledDrain),
        Rule("When its service has stopped, publishing is Unavailable and may be tried again", stopped),
        Rule("Its service can run again", runsAgain),
        Rule("A queue that is made while the service runs is as every other one", madeWhileRunning),
        Rule("A change of a queue's settings does nothing before it is applied", preparedChange),
        Rule("A queue whose settings change in place keeps its messages and follows the new settings", changedSettings),
        Rule("A change that is taken back leaves the messages and the old settings", changeTakenBack),
        Rule("A queue that gets another name, or another driver, keeps its messages or is made anew", changedPlace),
        Rule("Many publishers and workers lose nothing, and share nothing", load),
        Rule("Whatever meets at random, every message is acknowledged once or a dead letter", interleavings),
    ]

    private static let rulesOfDurable: [Rule<QueueBench>] = [
        Rule("Draining does not wait, since nothing is lost", drainsAtOnce),
        Rule("A driver made anew has the messages of the one before, and what was acknowledged is gone", madeAnew),
        Rule("A queue made once more while the service runs has the messages of the one before", madeOnceMore),
    ]

    private static let rulesOfOthers: [Rule<QueueBench>] = [
        Rule("Draining waits until nothing is ready, in hand, or due before the deadline", drains),
        Rule("At the stop a warning says of each queue how many messages are left", countsLost),
    ]

    private static let rulesOfSchedules: [Rule<QueueBench>] = [
        Rule("A schedule that was never there has no mark, and each has its own", ownMarks),
        Rule("A mark and its message are there together, and a mark that is elsewhere lets no message in", movesOnce),
        Rule("Of many who move a mark at the same time, one does, and one message is there", movesOfMany),
        Rule("A driver made anew has the marks of the one before", keptMarks),
    ]

    private static let rulesOfBoundedSchedules: [Rule<QueueBench>] = [
        Rule("A full queue refuses a schedule's message, and leaves the mark where it was", refusedMove)
    ]

    private static let rulesOfBounded: [Rule<QueueBench>] = [
        Rule("A publisher waits until a full queue has room", waitsForRoom),
        Rule("After 'publish_timeout' a full queue is Unavailable and may be tried again", publishTimeout),
        Rule("With a 'publish_timeout' of none a full queue is Unavailable at once", noPublishTimeout),
        Rule("A publisher that is cancelled while it waits leaves without its message", cancelledWaitForRoom),
        Rule("A rejected message finds its place in a full queue", rejectedIntoFullQueue),
        Rule("A dead letter is kept while its queue is full", deadLetterIntoFullQueue),
    ]
}
