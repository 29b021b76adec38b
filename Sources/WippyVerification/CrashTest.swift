import Glibc
import HTTPServing
import Synchronization
import WippyHTTP
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyValues

/// The behaviour of an application under `verify crash`.
///
/// It dies at a point of a message's life. It marks each message that a request publishes with the request's id.
final class CrashTest: Sendable {
    /// A point of a message's life.
    enum Point: String, CaseIterable {
        /// The message is in the queue, but its publisher does not know it yet.
        case accepted
        /// The message is claimed for a worker, but the handler does not have it yet.
        case claimed
        /// The handler has done its work, but the queue does not know it yet.
        case handled
        /// The message is acknowledged, but the worker does not know it yet.
        case finished
    }

    /// The header with the id of the request that published a message.
    static let requestHeader = "x_request_id"

    /// The line in the log when a message is claimed again for the first time.
    static let lineOfRepeatedClaim = "a message is claimed again"

    /// The id of the request whose handler runs in the current task.
    @TaskLocal static var request: String?

    private let deadly: Point?
    private let passesLeft: Atomic<Int>
    private let hasClaimedAgain = Atomic(false)

    /// Reads the instructions of a test.
    ///
    /// With `claimed:7`, the program dies when the seventh message is claimed. With any other text, it does not die.
    init(_ text: String) {
        let parts = text.unicodeScalars.split(separator: ":").map(String.init)
        deadly = parts.first.flatMap { Point(rawValue: $0) }
        passesLeft = Atomic(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }

    /// The parts of a program under test: code around its functions for requests, and around its durable queues.
    var parts: [any ProgramPart] {
        [
            OfferWrapper(.httpFunction) { function, _ in RequestNotingResponder(function) },
            OfferWrapper(.queue) { [self] queue, context in
                queue.isDurable ? FollowedQueue(wrapped: queue, test: self, log: context.log) : queue
            },
        ]
    }

    /// Returns a message with the id of the request that publishes it.
    func marked(_ message: Message) -> Message {
        guard let request = Self.request else { return message }
        var marked = message
        marked.headers[Self.requestHeader] = .string(request)
        return marked
    }

    /// Notes that a message passes a point.
    ///
    /// The process may die here, as if by SIGKILL.
    func passes(_ point: Point) {
        if point == deadly, passesLeft.subtract(1, ordering: .relaxed).newValue == 0 { kill(getpid(), SIGKILL) }
    }

    /// Notes that a worker gets a message.
    func claims(_ delivery: Delivery, _ log: Log) {
        passes(.claimed)
        if delivery.attempt > 1, !hasClaimedAgain.exchange(true, ordering: .relaxed) {
            log.info(Self.lineOfRepeatedClaim)
        }
    }
}

/// Notes the request that the current task answers.
private struct RequestNotingResponder: HTTPResponder {
    private let responder: any HTTPResponder

    init(_ responder: any HTTPResponder) {
        self.responder = responder
    }

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        try await CrashTest.$request.withValue(request.id) { try await responder.respond(to: request) }
    }

    func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        responder.answer(to: error, request)
    }
}

/// A queue whose messages a test follows.
private struct FollowedQueue: WrappingQueue {
    let wrapped: any MessageQueue
    let test: CrashTest
    let log: Log

    func willPublish(_ message: Message) -> Message { test.marked(message) }

    func didAccept(_ message: Message) { test.passes(.accepted) }

    func subscribe(prefetch: Int) async throws -> any MessageSubscription {
        FollowedSubscription(wrapped: try await wrapped.subscribe(prefetch: prefetch), test: test, log: log)
    }
}

private struct FollowedSubscription: MessageSubscription {
    let wrapped: any MessageSubscription
    let test: CrashTest
    let log: Log

    func next() async throws -> Delivery? {
        let delivery = try await wrapped.next()
        if let delivery { test.claims(delivery, log) }
        return delivery
    }

    func settle(_ delivery: Delivery, _ settlement: Settlement) async throws -> Bool {
        let isHandled = if case .acknowledged = settlement { true } else { false }
        if isHandled { test.passes(.handled) }
        let isSettled = try await wrapped.settle(delivery, settlement)
        if isHandled, isSettled { test.passes(.finished) }
        return isSettled
    }

    func close() async { await wrapped.close() }
}
