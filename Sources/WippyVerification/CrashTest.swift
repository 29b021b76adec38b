import Glibc
import HTTPServing
import Synchronization
import WippyHTTP
import WippyLog
import WippyMessaging
import WippyRuntime
import WippySQLQueue
import WippyValues

/// The behaviour of an application under `verify crash`.
///
/// It dies at a point of a message's life. It marks each message with the request that published the message.
final class CrashTest: MessageObserver {
    /// The header with the id of the request that published a message.
    static let requestHeader = "x_request_id"

    /// The line in the log when a message is claimed again for the first time.
    static let lineOfRepeatedClaim = "a message is claimed again"

    /// The id of the request whose handler runs in the current task.
    @TaskLocal static var request: String?

    private let deadly: MessagePoint?
    private let passesLeft: Atomic<Int>
    private let hasTakenAgain = Atomic(false)
    private let log: Log

    /// Reads the instructions of a test.
    ///
    /// With `claimed:7`, the program dies when the seventh message is claimed. With any other text, it does not die.
    init(_ text: String, log: Log) {
        let parts = text.unicodeScalars.split(separator: ":").map(String.init)
        deadly = parts.first.flatMap { MessagePoint(rawValue: $0) }
        passesLeft = Atomic(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
        self.log = log
    }

    /// Returns the kinds of an application.
    ///
    /// Those of endpoints and of the driver of durable queues are replaced by the test's kinds.
    func kinds(_ kinds: [any ProgramPart]) -> [any ProgramPart] {
        kinds.replacingListed(with: [
            SQLQueueKinds.driver(observer: self), HTTPKinds.endpoint { RequestNotingResponder($0) },
        ])
    }

    func publishing(_ message: Message) -> Message {
        guard let request = Self.request else { return message }
        var marked = message
        marked.headers[Self.requestHeader] = .string(request)
        return marked
    }

    /// Notes that a message passes a point.
    ///
    /// The process may die here, as if by SIGKILL.
    func passes(_ point: MessagePoint, attempt: Int) {
        if point == deadly, passesLeft.subtract(1, ordering: .relaxed).newValue == 0 { kill(getpid(), SIGKILL) }
        if point == .claimed, attempt > 1, !hasTakenAgain.exchange(true, ordering: .relaxed) {
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
