import HTTPServing
import LuaEngine
import Synchronization

/// A request, and the answer that a script has written so far.
///
/// The content is kept until the script has ended. A part is sent earlier if the script calls `flush`, or if the script
/// has chosen to answer in chunks.
final class HTTPExchange: Sendable {
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
    private static let chunkBytes = 64 * 1024

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

    let request: HTTPRequest
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
    /// - Returns: false if the body has been read before.
    func takeBody() -> Bool { !isBodyTaken.exchange(true, ordering: .relaxed) }

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

// The script's calls. Each returns an error or nil.
extension HTTPExchange {
    func set(_ status: HTTPStatus) -> LuaError? {
        answer.withLock { answer in
            guard answer.status == nil, !answer.hasContent else { return .tooLate("the status") }
            answer.status = status
            answer.isBegun = true
            return nil
        }
    }

    /// - Parameter isAnswer: true if this field alone counts as an answer.
    func set(_ name: String, _ value: String, isAnswer: Bool) -> LuaError? {
        guard let field = HTTPFieldName(name) else { return .invalid("'\(name)' is not a header name") }
        return answer.withLock { answer in
            guard !answer.hasContent else { return .tooLate("headers") }
            do throws(HTTPFieldError) {
                try answer.fields.set(field, value)
            } catch {
                return .invalid("\(error)")
            }
            answer.isBegun = answer.isBegun || isAnswer
            return nil
        }
    }

    func set(_ transfer: Transfer) -> LuaError? {
        answer.withLock { answer in
            guard !answer.hasContent else { return .tooLate("the transfer mode") }
            answer.transfer = transfer
            return nil
        } ?? transfer.fields.lazy.compactMap { self.set($0.key, $0.value, isAnswer: false) }.first
    }

    /// Turns the answer into a stream of events, if it is not one yet.
    func beginEvents() -> LuaError? { answer.withLock(\.transfer) == .events ? nil : set(.events) }

    /// True if the content is long enough to be sent before the script has ended.
    var hasChunk: Bool {
        parts != nil && answer.withLock { $0.transfer != .whole && $0.content.count >= Self.chunkBytes }
    }

    /// Adds content.
    ///
    /// - Parameter maxBytes: the largest length of the content, or of its part that has not been sent.
    func write(_ bytes: [UInt8], asJSON isJSON: Bool = false, atMost maxBytes: Int) -> LuaError? {
        answer.withLock { answer in
            guard bytes.count <= maxBytes - answer.content.count else {
                return .invalid("the answer is longer than \(maxBytes) bytes ('limits.result')")
            }
            if isJSON, !answer.hasContent { answer.isJSON = !answer.fields.contains(.contentType) }
            if answer.content.isEmpty { answer.content = bytes } else { answer.content += bytes }
            answer.hasContent = true
            answer.isBegun = true
            return nil
        }
    }

    /// Sends the content written so far, and returns when the client's connection has taken it.
    ///
    /// Returns at once if the whole answer is sent at the end.
    func flush() async throws {
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

extension LuaError {
    fileprivate static func tooLate(_ what: String) -> LuaError {
        .invalid("cannot set \(what) after the headers are sent")
    }
}
