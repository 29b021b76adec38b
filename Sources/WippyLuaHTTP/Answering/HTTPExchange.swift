public import HTTPServing
public import LuaEngine
import Synchronization
public import WippyLua

/// A request, and the answer that a script has written so far.
///
/// Usually, the content is kept until the script has ended. A script can also send parts of it earlier. A module can
/// write a part of the answer, too:
///
/// ```swift
/// .function("created") { stack in
///     guard let exchange = try stack.call.exchange else { return stack.fail(.notFound("there is no request")) }
///     do throws(LuaError) {
///         try exchange.set(.created)
///         return stack.succeed(true)
///     } catch {
///         return stack.fail(error)
///     }
/// }
/// ```
public final class HTTPExchange: Sendable {
    /// The way in which the content is sent.
    enum Transfer {
        /// In one piece, unless the script calls `flush`.
        case whole
        /// In chunks.
        case chunked
        /// As a stream of events.
        case events

        fileprivate var fields: KeyValuePairs<String, String> {
            switch self {
            case .whole: [:]
            case .chunked: ["Cache-Control": "no-cache"]
            case .events:
                ["Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"]
            }
        }
    }

    /// The number of bytes that an answer in chunks collects before it sends them.
    static let chunkBytes = 64 * 1024

    private struct Response {
        var status: HTTPStatus?
        var fields = HTTPFields()
        var transfer = Transfer.whole
        /// True if the content is JSON and the fields do not have its media type.
        var isJSON = false
        /// The content that has not been sent.
        var content: [UInt8] = []
        /// True if content has been written.
        ///
        /// The head cannot change afterwards.
        var hasContent = false
        /// True if the script has set or written a part of the answer.
        var isBegun = false

        var head: HTTPResponseHead {
            var fields = fields
            // This value is valid in a field, so nothing is thrown.
            if isJSON { try? fields.set(.contentType, "application/json") }
            return HTTPResponseHead(status: status ?? .ok, fields: fields)
        }

        var body: HTTPResponse.Body {
            guard !content.isEmpty else { return .none }
            guard transfer != .whole else { return .bytes(content) }
            return .stream(length: nil) { [content] in try await $0.write(content) }
        }
    }

    /// The request that the script answers.
    ///
    /// Read its body only after ``takeBody()`` has returned true.
    public let request: HTTPRequest
    private let answer = Mutex(Response())
    private let isBodyTaken = Atomic(false)

    /// Takes the parts that are sent before the script has ended; nil if the whole answer is sent at the end.
    private let parts: ContentParts?

    init(_ request: HTTPRequest, parts: ContentParts? = nil) {
        self.request = request
        self.parts = parts
    }

    /// Records that the request's body is being read.
    ///
    /// - Returns: true for the first call; false for every further call.
    public func takeBody() -> Bool { !isBodyTaken.exchange(true, ordering: .relaxed) }

    /// The answer, or the part of it that has not been sent; nil if the script has not answered.
    var response: HTTPResponse? {
        answer.withLock { answer in
            guard answer.isBegun else { return nil }
            if answer.isJSON, answer.fields.isEmpty {
                return HTTPResponse(json: answer.content, status: answer.status ?? .ok)
            }
            return HTTPResponse(head: answer.head, body: answer.body)
        }
    }
}

// What scripts and modules write.
extension HTTPExchange {
    /// Sets the status of the answer.
    ///
    /// Without a status the answer has the status 200.
    ///
    /// - Throws: `LuaError` of kind `Invalid` when the status has been set before, or when content has been written or
    ///   flushed.
    public func set(_ status: HTTPStatus) throws(LuaError) {
        try answer.withLock { answer throws(LuaError) in
            guard answer.status == nil, !answer.hasContent else { throw .tooLate("the status") }
            answer.status = status
            answer.isBegun = true
        }
    }

    /// Sets a field of the answer, in place of fields with the same name.
    ///
    /// - Throws: `LuaError` of kind `Invalid` when the name or the value is not valid, when the fields become too long,
    ///   or when content has been written or flushed.
    public func set(_ name: String, _ value: String) throws(LuaError) { try set(name, value, isAnswer: true) }

    /// Sets a field of the answer.
    ///
    /// - Parameter isAnswer: true if this field alone counts as an answer.
    func set(_ name: String, _ value: String, isAnswer: Bool) throws(LuaError) {
        guard let field = HTTPFieldName(name) else { throw .invalid("'\(name)' is not a header name") }
        try answer.withLock { answer throws(LuaError) in
            guard !answer.hasContent else { throw .tooLate("headers") }
            do throws(HTTPFieldError) {
                try answer.fields.set(field, value)
            } catch {
                throw .invalid("\(error)")
            }
            answer.isBegun = answer.isBegun || isAnswer
        }
    }

    func set(_ transfer: Transfer) throws(LuaError) {
        try answer.withLock { answer throws(LuaError) in
            guard !answer.hasContent else { throw .tooLate("the transfer mode") }
            answer.transfer = transfer
        }
        for (name, value) in transfer.fields { try set(name, value, isAnswer: false) }
    }

    /// Turns the answer into a stream of events, if it is not one yet.
    func beginEvents() throws(LuaError) {
        if answer.withLock(\.transfer) != .events { try set(.events) }
    }

    /// True if the content is long enough to be sent before the script has ended.
    var hasChunk: Bool {
        parts != nil && answer.withLock { $0.transfer != .whole && $0.content.count >= Self.chunkBytes }
    }

    /// Adds content to the answer.
    ///
    /// - Parameters:
    ///   - bytes: the content.
    ///   - maxBytes: the largest length of the content that has not been sent, such as `ScriptCall.maxResultBytes`.
    /// - Throws: `LuaError` of kind `Invalid` when that content would become longer.
    public func write(_ bytes: [UInt8], atMost maxBytes: Int) throws(LuaError) {
        try write(bytes, asJSON: false, atMost: maxBytes)
    }

    func write(_ bytes: [UInt8], asJSON isJSON: Bool, atMost maxBytes: Int) throws(LuaError) {
        try answer.withLock { answer throws(LuaError) in
            guard bytes.count <= maxBytes - answer.content.count else {
                throw .invalid("the answer is longer than \(maxBytes) bytes ('limits.result')")
            }
            if isJSON, !answer.hasContent { answer.isJSON = !answer.fields.contains(.contentType) }
            if answer.content.isEmpty { answer.content = bytes } else { answer.content += bytes }
            answer.hasContent = true
            answer.isBegun = true
        }
    }

    /// Sends the content written so far, and returns when the client's connection has taken it.
    ///
    /// If a function of your module calls `flush`, give the function the trait `sendsParts`. Without the trait, `flush`
    /// may do nothing, so that the whole answer is sent at the end. For a `HEAD` request, it does nothing.
    ///
    /// - Throws: `CancellationError` when the client has gone, or when the task is cancelled.
    public func flush() async throws {
        guard let parts else { return }
        let (head, content) = answer.withLock { answer in
            let content = answer.content
            answer.content = []
            answer.hasContent = true
            answer.isBegun = true
            return (answer.head, content)
        }
        try await parts.send(ContentParts.Part(head: head, content: content))
    }
}

extension ScriptCall {
    /// The request that the call answers, with its answer; nil if the call does not answer a request.
    ///
    /// The functions in Lua that the script calls see the same exchange.
    public var exchange: HTTPExchange? { subject as? HTTPExchange }
}

extension LuaError {
    fileprivate static func tooLate(_ what: String) -> LuaError {
        .invalid("cannot set \(what) after the headers are sent")
    }
}
