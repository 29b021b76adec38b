import EventLoops
import HTTPRequesting
import HTTPServing
import LuaEngine
import Synchronization
import WippyDefinition
import WippyLua
import WippyRuntime

/// A request that a script sends to a server, and the redirections that it follows.
struct OutgoingCall: Sendable {
    /// The largest number of redirections that are followed.
    static let maxRedirections = 10

    var method: HTTPMethod
    var address: WebAddress
    var fields = HTTPFields()
    var body: [UInt8] = []
    let options: RequestOptions

    /// The answer of a server.
    struct Response: Sendable {
        let address: WebAddress
        let head: HTTPResponseHead
        let content: Content

        enum Content: Sendable {
            case whole([UInt8])
            case stream(ResponseSource)
        }
    }

    /// Sends the request and returns the answer.
    ///
    /// - Parameter room: the room for the content of the answer.
    /// - Throws: `LuaError`, or `CancellationError` when the task is cancelled.
    func answer(on loop: EventLoop, by clock: any RuntimeClock, within room: ContentRoom) async throws -> Response {
        try await clock.within(
            options.timeout,
            orThrow: LuaError.temporary("the request was not answered within \(options.timeout.written)")
        ) { try await follow(on: loop, within: room) }
    }

    private func follow(on loop: EventLoop, within room: ContentRoom) async throws -> Response {
        var call = self
        for _ in 0...Self.maxRedirections {
            let answer = try await call.send(on: loop)
            guard let next = try call.redirected(by: answer.head) else {
                return try await call.read(answer, within: room)
            }
            call = next
        }
        throw LuaError.internal(
            "there are more than \(Self.maxRedirections) redirections, the last one to \(call.address)")
    }

    private func send(on loop: EventLoop) async throws -> IncomingResponse {
        let request: OutgoingRequest
        do throws(HTTPFieldError) {
            request = try OutgoingRequest(
                method, address.target, at: address.address, host: address.host, fields: fields, body: body)
        } catch {
            throw LuaError.invalid("\(error)")
        }
        do {
            return try await request.send(on: loop)
        } catch {
            throw error is CancellationError ? error : LuaError.temporary(FailureReason.text(of: error))
        }
    }

    /// Returns the request that a redirection asks for; nil if the answer is not a redirection.
    private func redirected(by head: HTTPResponseHead) throws(LuaError) -> OutgoingCall? {
        guard [301, 302, 303, 307, 308].contains(head.status.code), let location = head.fields[.location] else {
            return nil
        }
        var next = self
        do throws(WebAddress.Misspelling) {
            next.address = try address.following(location)
        } catch {
            throw .internal("the redirection from \(address) cannot be followed: \(error)")
        }
        if head.status.code < 304, method != .get, method != .head {
            (next.method, next.body) = (.get, [])
            next.fields.remove(.contentType)
        }
        // Fields that identify the client go only to the server for which they were set.
        if next.address.host != address.host {
            next.fields.remove(.authorization)
            next.fields.remove(.cookie)
        }
        return next
    }

    private func read(_ answer: IncomingResponse, within room: ContentRoom) async throws -> Response {
        let source = ResponseSource(answer)
        if options.isStreamed { return Response(address: address, head: answer.head, content: .stream(source)) }
        var content: [UInt8] = []
        while let piece = try await source.next() {
            guard piece.count <= options.maxContentBytes - content.count else {
                let most = options.maxContentBytes
                throw LuaError.internal("the answer is longer than \(most) bytes ('\(RequestOptions.maxContentField)')")
            }
            guard room.take(piece.count, after: content.count) else {
                throw LuaError.tooLarge("there is no memory for the answer")
            }
            content += piece
        }
        return Response(address: address, head: answer.head, content: .whole(content))
    }
}

/// The room for the contents that a script gets together.
///
/// Together they cannot be longer than the memory of the script's state.
final class ContentRoom: Sendable {
    private let left: Mutex<Int>

    init(bytes: Int) {
        left = Mutex(bytes)
    }

    /// Takes room for a piece of a content.
    ///
    /// - Parameter taken: the number of bytes that the content has taken before.
    /// - Returns: false if there is no room for the piece. Then the room of the whole content is free again.
    func take(_ count: Int, after taken: Int) -> Bool {
        left.withLock { left in
            guard count <= left else {
                left += taken
                return false
            }
            left -= count
            return true
        }
    }
}

/// The content of a server's answer.
struct ResponseSource: ByteSource {
    private let answer: IncomingResponse

    init(_ answer: IncomingResponse) {
        self.answer = answer
    }

    var count: Int? { answer.contentLength }

    func next() async throws -> [UInt8]? {
        do {
            return try await answer.next()
        } catch {
            throw error is CancellationError ? error : LuaError.temporary(FailureReason.text(of: error))
        }
    }
}

extension LuaError {
    /// Creates an error of the connection to the server.
    ///
    /// Another attempt may succeed.
    fileprivate static func temporary(_ message: String) -> LuaError {
        LuaError(kind: "Internal", message, retryable: true)
    }
}
