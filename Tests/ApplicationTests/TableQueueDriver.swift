import Synchronization
import Wippy

/// `queue.driver.table`: keeps the messages of queues in a table of a database.
struct TableQueueDriverKind: QueueDriverKind {
    static let name: KindName = "queue.driver.table"
    static let summary = "Keeps the messages of queues in a table of a database."
    static let role: ServiceRole? = .resource

    struct Config: EntryConfig {
        let database: Base<any SQLDatabase>

        init(from fields: inout FieldReader) {
            // The service makes the table: in another database it is to be made again.
            database = fields.base("db", .database, "The database that has the table.")
        }
    }

    var faults = Faults()

    func check(queue: Entry<QueueSettings>, options: TableQueueDriver.Options) -> [Diagnostic] {
        refuseOtherCodecs(of: queue)
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<TableQueueDriver> {
        let driver = TableQueueDriver(
            database: Database(link: try context.resolve(entry.config.database)), clock: context.environment.clock,
            faults: faults)
        return .component(driver, service: driver)
    }
}

/// Makes a driver fail, as often as it is told to.
final class Faults: Sendable {
    private struct State {
        var chance = 0.0
        /// The chance during a burst; nil without bursts.
        var burst: Double?
        /// The number of calls until a burst begins or ends.
        var callsLeft = 0
        var count = 0

        /// Counts a call.
        mutating func noteCall() {
            guard let burst else { return }
            callsLeft -= 1
            guard callsLeft <= 0 else { return }
            callsLeft = .random(in: 1...40)
            chance = .random() ? burst : 0
        }
    }

    private let state = Mutex(State())

    /// How often it has struck.
    var count: Int { state.withLock { $0.count } }

    /// Strikes from now on with a chance of 0 through 1.
    func strike(_ chance: Double) { state.withLock { ($0.chance, $0.burst) = (chance, nil) } }

    /// Strikes from now on with a chance of 0 through 1, but now and then not at all for some calls.
    func strikeInBursts(_ chance: Double) { state.withLock { $0.burst = chance } }

    func mayStrike() throws {
        try state.withLock { state in
            state.noteCall()
            guard .random(in: 0..<1) < state.chance else { return }
            state.count += 1
            throw WippyError(.unavailable, "the table's driver was told to fail", isRetryable: true)
        }
    }
}

/// The driver: the service makes the table, and each queue is the rows that have its id.
///
/// A row is taken when it has a receipt. Times are those of the process: what waits when it ends is due at once.
final class TableQueueDriver: QueueDriver, ManagedService {
    struct Options: EntryConfig {
        var maxLength: Int

        init(from fields: inout FieldReader) {
            maxLength = fields.optional("max_length", default: 1000, in: 1...1_000_000, "How many may be ready.")
        }
    }

    let database: any SQLDatabase
    let clock: any RuntimeClock
    let faults: Faults
    private let state = Mutex((isRunning: false, change: OneShotEvent()))

    init(database: any SQLDatabase, clock: any RuntimeClock, faults: Faults = Faults()) {
        (self.database, self.clock, self.faults) = (database, clock, faults)
    }

    func makeQueue(
        _ id: EntryID, settings: QueueSettings, options: Options, deadLetters: DeadLetters?
    ) -> TableQueue {
        TableQueue(id, of: self, settings: settings, maxLength: options.maxLength, deadLetters: deadLetters)
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        try await database.execute(
            script: """
                CREATE TABLE IF NOT EXISTS messages (
                    position INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL,
                    body TEXT NOT NULL, headers TEXT NOT NULL, attempts INTEGER NOT NULL,
                    due INTEGER NOT NULL, receipt INTEGER);
                CREATE INDEX IF NOT EXISTS messages_of_queue ON messages (queue, receipt, due);
                UPDATE messages SET receipt = NULL, due = 0
                """)
        state.withLock { $0.isRunning = true }
        ready()
        await stop.wait()
        state.withLock { $0.isRunning = false }
        ring()
    }

    var isRunning: Bool { state.withLock { $0.isRunning } }

    /// The time in nanoseconds, as the table has it.
    var now: Int { Self.nanoseconds(clock.now) }

    static func nanoseconds(_ time: Duration) -> Int { Int(time / .nanoseconds(1)) }

    /// Fires when the table has changed: take it before you look.
    var change: OneShotEvent { state.withLock { $0.change } }

    /// Says that the table has changed.
    func ring() {
        let change = state.withLock { state in
            defer { state.change = OneShotEvent() }
            return state.change
        }
        change.fire()
    }

    /// Waits for a change, or until a moment in nanoseconds.
    func wait(for change: OneShotEvent, until moment: Int?) async throws {
        await withTaskGroup { [clock] group in
            group.addTask { await change.wait() }
            if let moment { group.addTask { try? await clock.sleep(until: .nanoseconds(moment)) } }
            await group.next()
            group.cancelAll()
        }
        try Task.checkCancellation()
    }
}

/// A queue: the rows that have its id.
final class TableQueue: MessageQueue {
    private struct Row: Decodable {
        let position, attempts, receipt: Int
        let id, body, headers: String
    }

    private struct Counts: Decodable {
        let ready, delayed, taken: Int
    }

    /// Undoes the move of a dead letter for which there is no room.
    private struct NoRoom: Error {}

    let driver: TableQueueDriver
    private let id: String
    private let entry: EntryID
    private let settings: QueueSettings
    private let maxLength: Int
    private let deadLetters: DeadLetters?
    private let accepted = Atomic(0)
    /// The receipts of messages that nobody took and that are to be given back.
    private let left = Mutex<[Int]>([])

    init(
        _ id: EntryID, of driver: TableQueueDriver, settings: QueueSettings, maxLength: Int, deadLetters: DeadLetters?
    ) {
        self.driver = driver
        self.id = id.description
        entry = id
        self.settings = settings
        self.maxLength = maxLength
        self.deadLetters = deadLetters
    }

    @discardableResult
    func publish(_ message: Message) async throws -> Bool {
        try Task.checkCancellation()
        try MessageOption.refuse(in: message.headers, for: entry)
        let deadline = driver.now + TableQueueDriver.nanoseconds(settings.publishTimeout)
        while true {
            let change = driver.change
            guard driver.isRunning else { throw unavailable("takes no messages: its driver does not run") }
            try driver.faults.mayStrike()
            if try await insert(message, into: driver.database) {
                didAccept()
                return true
            }
            guard driver.now < deadline else { throw WippyError.full(entry, after: settings.publishTimeout) }
            try await driver.wait(for: change, until: deadline)
        }
    }

    private func unavailable(_ problem: String) -> WippyError {
        WippyError(.unavailable, "the queue '\(id)' \(problem)", isRetryable: true)
    }

    private func insert(_ message: Message, into database: any SQLExecutor) async throws -> Bool {
        let headers = try JSON.encode(.map(message.stamped().headers))
        let body = try JSON.encode(message.body)
        return try await database.execute(
            """
            INSERT INTO messages (queue, id, body, headers, attempts, due)
            SELECT \(id), \(message.id), \(Self.text(body)), \(Self.text(headers)), \(message.attempts), 0
            WHERE \(maxLength) > (
                SELECT count(*) FROM messages WHERE queue = \(id) AND receipt IS NULL AND due <= \(driver.now))
            """
        ).rowsAffected == 1
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func didAccept() {
        accepted.add(1, ordering: .relaxed)
        driver.ring()
    }

    func subscribe(prefetch: Int) async throws -> any MessageSubscription {
        try driver.faults.mayStrike()
        return TableSubscription(to: self, prefetch: prefetch)
    }

    var isDurable: Bool { true }

    func drain(until deadline: Duration) async -> Int { accepted.load(ordering: .relaxed) }

    var count: MessageCount {
        get async throws {
            try driver.faults.mayStrike()
            let counts = try await driver.database.first(
                """
                SELECT count(*) FILTER (WHERE receipt IS NULL AND due <= \(driver.now)) AS ready,
                    count(*) FILTER (WHERE receipt IS NULL AND due > \(driver.now)) AS delayed,
                    count(*) FILTER (WHERE receipt IS NOT NULL) AS taken
                FROM messages WHERE queue = \(id)
                """, as: Counts.self)
            return MessageCount(
                ready: counts?.ready ?? 0, delayed: counts?.delayed ?? 0, claimed: counts?.taken ?? 0)
        }
    }

    /// Takes the next messages, up to a number.
    func claim(_ most: Int) async throws -> [Delivery] {
        try await giveBackLeft()
        try driver.faults.mayStrike()
        let rows = try await driver.database.query(
            """
            UPDATE messages SET receipt = random() WHERE position IN (
                SELECT position FROM messages WHERE queue = \(id) AND receipt IS NULL AND due <= \(driver.now)
                ORDER BY position LIMIT \(most))
            RETURNING position, attempts, receipt, id, body, headers
            """, as: Row.self)
        return try rows.sorted { $0.position < $1.position }.map { row in
            let message = Message(
                id: UniqueID(row.id) ?? .v4(), body: try JSON.decode(row.body),
                headers: try JSON.decode(row.headers).map ?? [:], attempts: row.attempts)
            return Delivery(message: message, queue: entry, attempt: row.attempts + 1, receipt: row.receipt)
        }
    }

    /// When a message is due that waits, if one does.
    func nextDue() async throws -> Int? {
        try await driver.database.first(
            "SELECT min(due) FROM messages WHERE queue = \(id) AND receipt IS NULL", as: Int?.self) ?? nil
    }

    /// Gives back messages that nobody took; what the database does not note now it notes before the next claim.
    func giveBack(_ deliveries: [Delivery]) async {
        left.withLock { $0 += deliveries.map(\.receipt) }
        try? await giveBackLeft()
        driver.ring()
    }

    private func giveBackLeft() async throws {
        let receipts = left.withLock { $0 }
        guard !receipts.isEmpty else { return }
        try driver.faults.mayStrike()
        for receipt in receipts {
            try await driver.database.execute("UPDATE messages SET receipt = NULL WHERE receipt = \(receipt)")
            left.withLock { $0.removeAll { $0 == receipt } }
        }
    }

    /// Returns false if the message has another receipt now, or none.
    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        try driver.faults.mayStrike()
        defer { driver.ring() }
        let (database, receipt) = (driver.database, delivery.receipt)
        switch settlement {
        case .acknowledged:
            return try await database.execute("DELETE FROM messages WHERE receipt = \(receipt)").rowsAffected == 1
        case .returned:
            return try await database.execute("UPDATE messages SET receipt = NULL WHERE receipt = \(receipt)")
                .rowsAffected == 1
        case .rejected(let reason):
            return switch try await moveIfTriedOftenEnough(delivery, reason: reason) {
            case .moved: true
            case .refused: try await tryAgain(delivery)
            case .claimLost: false
            }
        }
    }

    private func tryAgain(_ delivery: Delivery) async throws -> Bool {
        let delay = settings.retry.delay(afterAttempt: delivery.attempt, draw: .random(in: 0..<1))
        return try await driver.database.execute(
            """
            UPDATE messages SET attempts = \(delivery.attempt), due = \(TableQueueDriver.nanoseconds(delay)
                + driver.now), receipt = NULL
            WHERE receipt = \(delivery.receipt)
            """
        ).rowsAffected == 1
    }

    /// Moves a dead letter: in one transaction within the table, and by a publish to another driver's queue.
    private func moveIfTriedOftenEnough(_ delivery: Delivery, reason: String) async throws -> DeadLetterMove {
        guard let deadLetters, delivery.attempt >= deadLetters.maxAttempts else { return .refused(reason: "too early") }
        var message = delivery.message
        message.attempts = delivery.attempt
        let remove: SQL = "DELETE FROM messages WHERE receipt = \(delivery.receipt)"
        let neighbour = deadLetters.queue.target.ability(TableQueue.self).flatMap { $0.driver === driver ? $0 : nil }
        let move = try await deadLetters.move(message, from: entry, reason: reason, by: driver.clock, log: .silent) {
            letter in
            if let neighbour { return try await moveWithinTable(letter, to: neighbour, removing: remove) }
            let isHere =
                try await driver.database.first("SELECT 1 FROM messages WHERE receipt = \(delivery.receipt)") != nil
            return isHere ? nil : .claimLost
        }
        if case .moved = move, neighbour == nil { try await driver.database.execute(remove) }
        return move
    }

    private func moveWithinTable(
        _ letter: Message, to neighbour: TableQueue, removing remove: SQL
    ) async throws -> DeadLetterMove {
        do {
            let isMoved = try await driver.database.transaction { transaction in
                guard try await transaction.execute(remove).rowsAffected == 1 else { return false }
                try driver.faults.mayStrike()
                guard try await neighbour.insert(letter, into: transaction) else { throw NoRoom() }
                try driver.faults.mayStrike()
                return true
            }
            if isMoved { neighbour.didAccept() }
            return isMoved ? .moved : .claimLost
        } catch is NoRoom {
            return .refused(reason: "it has no room")
        }
    }
}

/// A subscription: holds as many messages ahead of the workers as it may.
final class TableSubscription: MessageSubscription {
    private struct State {
        var ahead: [Delivery] = []
        var isClaiming = false
        var isClosed = false
    }

    private enum Step {
        case end
        case work(Delivery)
        case claim, wait
    }

    private let queue: TableQueue
    private let prefetch: Int
    private let state = Mutex(State())

    init(to queue: TableQueue, prefetch: Int) {
        (self.queue, self.prefetch) = (queue, prefetch)
    }

    func next() async throws -> Delivery? {
        while true {
            try Task.checkCancellation()
            let change = queue.driver.change
            switch state.withLock({ Self.step(&$0) }) {
            case .end: return nil
            case .work(let delivery): return delivery
            case .wait: try await queue.driver.wait(for: change, until: nil)
            case .claim:
                do {
                    if try await !claim() {
                        try await queue.driver.wait(for: change, until: try await queue.nextDue())
                    }
                } catch {
                    // Another worker looks in the place of this one.
                    queue.driver.ring()
                    throw error
                }
            }
        }
    }

    private static func step(_ state: inout State) -> Step {
        if state.isClosed { return .end }
        if !state.ahead.isEmpty { return .work(state.ahead.removeFirst()) }
        if state.isClaiming { return .wait }
        state.isClaiming = true
        return .claim
    }

    /// Takes messages for this subscription's workers, one of whom does it for all.
    private func claim() async throws -> Bool {
        var claimed: [Delivery] = []
        defer {
            state.withLock { $0.isClaiming = false }
            if !claimed.isEmpty { queue.driver.ring() }
        }
        claimed = try await queue.claim(prefetch)
        let isClosed = state.withLock { [claimed] state in
            if !state.isClosed { state.ahead += claimed }
            return state.isClosed
        }
        if isClosed { await queue.giveBack(claimed) }
        return !claimed.isEmpty
    }

    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        // A task of its own, which the cancelling of the worker's does not reach.
        try await Task { [queue] in try await queue.settle(delivery, settlement) }.value
    }

    func close() async {
        let ahead = state.withLock { state in
            state.isClosed = true
            defer { state.ahead = [] }
            return state.ahead
        }
        await Task { [queue] in await queue.giveBack(ahead) }.value
    }
}
