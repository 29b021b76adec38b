import Synchronization
import Wippy

/// A queue whose messages are files.
///
/// The queue looks for new files every tenth of a second. It reads and writes on the caller's thread. A driver for many
/// messages needs a thread of its own, and must wake its workers up.
///
/// Attempts are counted in the file. Only a running program knows which messages workers have, and which messages wait
/// for their next attempt. After its end, all of them are ready.
actor FolderQueue: MessageQueue {
    private let id: EntryID
    private let folder: MessageFolder
    private let maxMessages: Int
    private let settings: QueueSettings
    private let deadLetters: DeadLetters?
    private let clock: any RuntimeClock
    private let log: Log
    private let isOpen: @Sendable () -> Bool

    /// The files of the messages with workers, by receipt.
    private var taken: [Int: String] = [:]
    private var settling: Set<Int> = []
    /// The time at which a file's next attempt is due.
    private var due: [String: Duration] = [:]
    private var lastReceipt = 0
    private var accepted = 0

    init(
        id: EntryID, folder: MessageFolder, maxMessages: Int, settings: QueueSettings, deadLetters: DeadLetters?,
        clock: any RuntimeClock, log: Log, isOpen: @escaping @Sendable () -> Bool
    ) {
        self.id = id
        self.folder = folder
        self.maxMessages = maxMessages
        self.settings = settings
        self.deadLetters = deadLetters
        self.clock = clock
        self.log = log
        self.isOpen = isOpen
    }

    func publish(_ message: Message) async throws -> Bool {
        try Task.checkCancellation()
        try MessageOption.refuse(in: message.headers, for: id)
        let deadline = clock.now + settings.publishTimeout
        while try available({ try folder.names().count }) >= maxMessages {
            guard clock.now < deadline else {
                throw WippyError.full(id, after: settings.publishTimeout)
            }
            try await clock.sleep(for: FolderSubscription.interval)
        }
        try available { try folder.write(message, as: folder.newName(for: message)) }
        accepted += 1
        return true
    }

    func subscribe(prefetch: Int) -> any MessageSubscription { FolderSubscription(queue: self, clock: clock) }

    /// Returns at once, because a stop loses no messages.
    func drain(until deadline: Duration) -> Int { accepted }

    nonisolated var isDurable: Bool { true }

    var count: MessageCount {
        get throws {
            let delayed = due.values.count { $0 > clock.now }
            let all = try available { try folder.names().count }
            return MessageCount(ready: max(0, all - delayed - taken.count), delayed: delayed, claimed: taken.count)
        }
    }

    /// Claims the oldest ready message; nil if no message is ready.
    func take() throws -> Delivery? {
        let withWorkers = Set(taken.values)
        for name in try available({ try folder.names() }) where !withWorkers.contains(name) {
            if let time = due[name], time > clock.now { continue }
            guard let message = try available({ try folder.read(name) }) else { continue }
            lastReceipt += 1
            taken[lastReceipt] = name
            due[name] = nil
            return Delivery(message: message, queue: id, attempt: message.attempts + 1, receipt: lastReceipt)
        }
        return nil
    }

    /// Notes the end of a delivery.
    ///
    /// The receipt is removed last, so that a settlement that fails can be repeated.
    ///
    /// - Returns: false if the delivery was settled before.
    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        guard let name = taken[delivery.receipt], settling.insert(delivery.receipt).inserted else { return false }
        defer { settling.remove(delivery.receipt) }
        switch settlement {
        case .acknowledged: try available { try folder.remove(name) }
        case .rejected(let reason): try await reject(delivery.message, in: name, because: reason)
        case .returned: break
        }
        taken[delivery.receipt] = nil
        return true
    }

    private func reject(_ message: Message, in name: String, because reason: String) async throws {
        var message = message
        message.attempts += 1
        if let deadLetters, message.attempts >= deadLetters.maxAttempts {
            // If the queue of dead letters refuses the message, it is tried again here, and then moved again.
            let move = await deadLetters.move(message, from: id, reason: reason, by: clock, log: log)
            if case .moved = move { return try available { try folder.remove(name) } }
        }
        try available { try folder.write(message, as: name) }
        due[name] =
            clock.now + settings.retry.delay(afterAttempt: message.attempts, draw: .random(in: 0..<1))
    }

    /// Uses the files.
    ///
    /// A failure is reported as retryable.
    private func available<Result>(_ body: () throws -> Result) throws -> Result {
        guard isOpen() else {
            throw WippyError(.unavailable, "the driver of the queue \(id) does not run", isRetryable: true)
        }
        do {
            return try body()
        } catch {
            throw WippyError(.unavailable, "the folder of the queue \(id) fails", isRetryable: true, cause: error)
        }
    }
}

/// A consumer's subscription to the queue.
final class FolderSubscription: MessageSubscription {
    static let interval = Duration.milliseconds(100)

    private let queue: FolderQueue
    private let clock: any RuntimeClock
    private let isClosed = Atomic(false)

    init(queue: FolderQueue, clock: any RuntimeClock) {
        self.queue = queue
        self.clock = clock
    }

    func next() async throws -> Delivery? {
        while !isClosed.load(ordering: .relaxed) {
            try Task.checkCancellation()
            if let delivery = try await queue.take() { return delivery }
            try await clock.sleep(for: Self.interval)
        }
        return nil
    }

    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        try await uncancelled { [queue] in try await queue.settle(delivery, settlement) }
    }

    func close() { isClosed.store(true, ordering: .relaxed) }
}
