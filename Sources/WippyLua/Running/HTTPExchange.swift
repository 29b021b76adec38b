import HTTPServing
import LuaEngine
import Synchronization

/// A request, and what a script has said so far of its answer.
final class HTTPExchange: Sendable {
    private struct Answer {
        var status: HTTPStatus?
        var fields = HTTPFields()
        /// Whether the content is JSON, and the media type is not among the fields.
        var isJSON = false
        var content: [UInt8] = []
        /// Whether content has been written: then the head stays as it is.
        var hasContent = false
        /// Whether the script has said anything that makes it an answer.
        var isBegun = false
    }

    let request: HTTPRequest
    private let answer = Mutex(Answer())
    private let isBodyTaken = Atomic(false)

    init(_ request: HTTPRequest) {
        self.request = request
    }

    /// Notes that the request's body is being read.
    ///
    /// - Returns: false if it was before.
    func takeBody() -> Bool { !isBodyTaken.exchange(true, ordering: .relaxed) }

    /// The answer; nil if the script has said nothing.
    var response: HTTPResponse? {
        answer.withLock { answer in
            guard answer.isBegun else { return nil }
            let status = answer.status ?? .ok
            if answer.isJSON, answer.fields.isEmpty { return HTTPResponse(json: answer.content, status: status) }
            var fields = answer.fields
            // The value is one that may stand in a field.
            if answer.isJSON { try? fields.set(.contentType, "application/json") }
            return HTTPResponse(
                status: status, fields: fields, body: answer.content.isEmpty ? .none : .bytes(answer.content))
        }
    }
}

// What a script says; each is answered by an error, or by nil.
extension HTTPExchange {
    func set(_ status: HTTPStatus) -> LuaError? {
        answer.withLock { answer in
            guard answer.status == nil, !answer.hasContent else { return .tooLate("the status") }
            answer.status = status
            answer.isBegun = true
            return nil
        }
    }

    /// - Parameter isAnswer: whether a script that says no more has answered.
    func set(_ name: String, _ value: String, isAnswer: Bool) -> LuaError? {
        guard let field = HTTPFieldName(name) else { return .final("Invalid", "'\(name)' is no name of a field") }
        return answer.withLock { answer in
            guard !answer.hasContent else { return .tooLate("headers") }
            do throws(HTTPFieldError) {
                try answer.fields.set(field, value)
            } catch {
                return .final("Invalid", "\(error)")
            }
            answer.isBegun = answer.isBegun || isAnswer
            return nil
        }
    }

    func set(_ fields: KeyValuePairs<String, String>) -> LuaError? {
        for (name, value) in fields {
            if let error = set(name, value, isAnswer: false) { return error }
        }
        return nil
    }

    /// Makes the answer a stream of events, if it has not begun.
    func prepareEvents(_ fields: KeyValuePairs<String, String>) {
        if !answer.withLock(\.hasContent) { _ = set(fields) }
    }

    /// Adds content.
    ///
    /// - Parameter bytesMax: how long the content may be in all.
    func write(_ bytes: [UInt8], asJSON isJSON: Bool = false, atMost bytesMax: Int) -> LuaError? {
        answer.withLock { answer in
            guard bytes.count <= bytesMax - answer.content.count else {
                return .final("Invalid", "the answer is longer than \(bytesMax) bytes ('limits.result')")
            }
            if isJSON, !answer.hasContent { answer.isJSON = !answer.fields.contains(.contentType) }
            if answer.content.isEmpty { answer.content = bytes } else { answer.content += bytes }
            answer.hasContent = true
            answer.isBegun = true
            return nil
        }
    }
}

extension LuaError {
    fileprivate static func tooLate(_ what: String) -> LuaError {
        .final("Invalid", "cannot set \(what) after the headers are sent")
    }
}
