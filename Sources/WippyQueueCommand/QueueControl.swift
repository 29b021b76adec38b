package import WippyCommandLine
import WippyDefinition
import WippyMessaging
package import WippyRuntime
import WippyText
import WippyValues

/// Carries out the actions of the command `queue` on an application's queues.
///
/// The application may run or not.
package struct QueueControl: ControlService {
    package static let name = "queue"

    /// The actions: the words after `queue`.
    package enum Action: String, CaseIterable {
        case list, peek, retry, purge, pause, resume
    }

    /// The largest number of messages that `peek` shows, and that `retry` changes in one step.
    static let maxLimit = 1000

    /// The longest time for which `list` waits for the figures of the queues.
    static let listLimit = Duration.seconds(10)

    /// The clock for this time.
    private let clock: any RuntimeClock

    /// Returns the queues that exist now, by their ids.
    let queues: @Sendable () -> [EntryID: any MessageQueue]

    init(
        clock: any RuntimeClock = SystemClock(), queues: @escaping @Sendable () -> [EntryID: any MessageQueue]
    ) {
        (self.clock, self.queues) = (clock, queues)
    }

    package init(_ registry: Registry) {
        self.init { registry.links(as: .queue).mapValues(\.target) }
    }

    package func handle(_ request: ControlRequest, _ answer: ControlAnswer) async throws {
        guard let action = Action(rawValue: request.action) else {
            throw ControlError(unknown: request)
        }
        if action == .list {
            for row in await rows() { try await answer.send(row) }
            return
        }
        let (id, queue) = try queue(named: request.arguments["queue"]?.string ?? "")
        guard let queue = queue.ability((any AdministeredQueue).self) else {
            throw ControlError(
                "the driver of the queue '\(id)' gives no access to its messages: for this queue only 'list' works")
        }
        let limit = request.arguments["limit"]?.integer.map { min(max($0, 0), Self.maxLimit) }
        switch action {
        case .list: break
        case .peek:
            for kept in try await queue.peek(atMost: limit ?? Self.maxLimit) { try await answer.send(kept.value) }
        case .retry: try await answer.send(["count": .integer(try await retry(queue, atMost: limit))])
        case .purge: try await answer.send(["count": .integer(try await queue.purge())])
        case .pause: try await queue.pause()
        case .resume: try await queue.resume()
        }
    }

    /// Lets messages of a queue be tried again.
    ///
    /// - Parameter limit: the largest number of messages; nil for all that the queue has now.
    /// - Returns: the number of messages.
    private func retry(_ queue: any AdministeredQueue, atMost limit: Int?) async throws -> Int {
        var left: Int
        if let limit {
            left = limit
        } else {
            let count = try await queue.count
            left = count.ready + count.delayed
        }
        var total = 0
        while left > 0 {
            let step = min(left, Self.maxLimit)
            let changed = try await queue.retry(atMost: step)
            (total, left) = (total + changed, left - changed)
            if changed < step { break }
        }
        return total
    }

    private func queue(named text: String) throws -> (EntryID, any MessageQueue) {
        let queues = queues()
        guard let id = EntryID(text), let queue = queues[id] else {
            throw Self.absent(text, among: queues.keys.map(\.description))
        }
        return (id, queue)
    }

    /// Returns the error about a queue that does not exist.
    static func absent(_ name: String, among names: [String]) -> ControlError {
        let near = Spelling.suggestion(Spelling.nearest(to: name, among: names))
        return ControlError("there is no queue '\(name.visible)'\(near)")
    }

    /// Returns the rows of all queues, sorted by id.
    ///
    /// All queues are asked at once. The row of a queue that does not answer says so.
    private func rows() async -> [Value] {
        await withTaskGroup(of: (EntryID, Value).self) { group in
            for (id, queue) in queues() { group.addTask { (id, await row(of: queue, id)) } }
            let rows = await group.reduce(into: []) { $0.append($1) }
            return rows.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func row(of queue: any MessageQueue, _ id: EntryID) async -> Value {
        var row: ValueMap = ["queue": .string(id.description)]
        do {
            let info = try await clock.within(Self.listLimit, abandoningAfter: .zero) { _ in
                WippyError(
                    .timeout, "its driver did not answer within \(Self.listLimit.written)", isRetryable: true)
            } _: {
                try await queue.info
            }
            for figure in QueueInfo.figures { row[figure.nameInJSON] = figure.json(of: info) }
        } catch {
            row["error"] = .string(FailureReason.text(of: error))
        }
        return .map(row)
    }
}

extension QueueInfo.Figure {
    /// The name of the figure in a row of `queue list`.
    var nameInJSON: String {
        if case .flag(let name, _, _) = value { name } else { name }
    }

    /// Returns the value of the figure in a row of `queue list`; null if it is not known.
    fileprivate func json(of info: QueueInfo) -> Value {
        switch value {
        case .count(_, let count): count(info).map { .integer($0) } ?? .null
        case .age, .rate: number(of: info).map { .float($0) } ?? .null
        case .flag(_, let words, let isSet): .string(isSet(info) ? words.isSet : words.isNotSet)
        }
    }
}

extension QueuedMessage {
    fileprivate var value: Value {
        [
            "id": .string(message.id.description), "attempts": .integer(message.attempts),
            "delay": .float(delay / .seconds(1)), "headers": .map(message.headers), "body": message.body,
        ]
    }
}
