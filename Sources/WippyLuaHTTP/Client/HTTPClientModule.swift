import EventLoops
import HTTPRequesting
import HTTPServing
import LuaEngine
import WippyDefinition
import WippyLoops
import WippyLua
import WippyRuntime
import WippyText
import WippyValues

extension ScriptModule {
    /// `http_client`: requests to other servers.
    static let httpClient = ScriptModule(
        "http_client",
        ["get", "post", "put", "patch", "delete", "head"].map { name in
            .function(name) { stack in try request(stack, name.uppercasedASCII, at: 1) }
        } + [
            .function("request") { stack in try request(stack, try stack.checkString(at: 1), at: 2) },
            .function("request_batch", requestBatch),
            .function("encode_uri") { stack in
                stack.push(PercentEncoding.encodeForm(try stack.checkBytes(at: 1)))
                return .one
            },
            .function("decode_uri") { stack in
                let bytes = try stack.checkBytes(at: 1)
                guard let decoded = PercentEncoding.decodedBytes(bytes[...], plusIsSpace: true) else {
                    return stack.fail(.invalid("'%' must be followed by two hexadecimal digits"))
                }
                return stack.succeed(decoded)
            },
        ])

    /// The largest number of requests in a batch.
    static let maxBatchCount = 100

    /// Sends a request.
    ///
    /// Its address is at a position, and its options are at the next position.
    private static func request(_ stack: LuaStack, _ method: String, at index: Int) throws -> LuaVerdict {
        let address = try stack.checkString(at: index)
        let call: OutgoingCall
        do throws(LuaError) {
            call = try stack.outgoingCall(method, address, optionsAt: index + 1)
        } catch {
            return stack.fail(error)
        }
        let (loop, clock, room) = (try stack.loop, try stack.call.clock, stack.contentRoom)
        return .wait {
            try await call.answer(on: loop, by: clock, within: room)
        } then: { stack, result in
            stack.push(result) { stack.push($0) }
        }
    }

    /// Sends several requests at once: `{{method, address, options?}, …}`.
    private static func requestBatch(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.check(.table, at: 1)
        let count = stack.length(at: 1)
        guard (1...maxBatchCount).contains(count) else {
            return stack.fail(.invalid("a batch must have 1 to \(maxBatchCount) requests, got \(count)"))
        }
        var calls: [OutgoingCall] = []
        do throws(LuaError) {
            for number in 1...count { calls.append(try stack.outgoingCall(inBatchAt: number)) }
        } catch {
            return stack.fail(error)
        }
        let (loop, clock, room) = (try stack.loop, try stack.call.clock, stack.contentRoom)
        return .wait { [calls] in
            await withTaskGroup(of: (Int, Result<OutgoingCall.Response, any Error>).self) { group in
                for (index, call) in calls.enumerated() {
                    group.addTask {
                        do {
                            return (index, .success(try await call.answer(on: loop, by: clock, within: room)))
                        } catch {
                            return (index, .failure(error))
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        } then: { stack, result in
            let results = try result.get()
            stack.pushTable(elements: count)
            stack.pushTable(elements: count)
            let (answers, errors) = (stack.count - 1, stack.count)
            var hasFailed = false
            for (index, result) in results {
                switch result {
                case .success(let answer):
                    stack.push(answer)
                    stack.setElement(index + 1, at: answers)
                case .failure(let error):
                    hasFailed = true
                    stack.push(LuaError(of: error))
                    stack.setElement(index + 1, at: errors)
                }
            }
            if hasFailed { return .results(2) }
            stack.pop()
            return stack.succeed()
        }
    }
}

extension LuaStack {
    /// The event loop on which the call opens connections.
    fileprivate var loop: EventLoop {
        get throws {
            if let loop = EventLoop.current { return loop }
            guard let loops = try call.environment.executors.eventLoops else {
                throw LuaRaise("this program has no event loops")
            }
            return loops.next()
        }
    }

    /// The room for the answers that the call gets together.
    fileprivate var contentRoom: ContentRoom { ContentRoom(bytes: state.roomForText) }

    /// Pushes a server's answer as a table.
    fileprivate func push(_ answer: OutgoingCall.Response) {
        pushTable(fields: 7)
        push(answer.head.status.code)
        setField("status_code", at: -2)
        push(answer.address.description)
        setField("url", at: -2)
        pushTable(fields: answer.head.fields.count)
        pushTable()
        for (name, value) in answer.head.fields {
            let name = name.capitalizedWords
            // If a field has several lines, the first one counts. Cookies have a table of their own.
            if pushField(name, at: -2) == .nil {
                push(value)
                setField(name, at: -4)
            }
            pop()
            if name.utf8.elementsEqual("Set-Cookie".utf8), let (name, value) = value.cookie {
                push(value)
                setField(name, at: -2)
            }
        }
        setField("cookies", at: -3)
        setField("headers", at: -2)
        switch answer.content {
        case .whole(let bytes):
            push(bytes)
            setField("body", at: -2)
            push(bytes.count)
        case .stream(let source):
            let stream = ScriptStream(source)
            state.cleanUpAfterCall(stream)
            push(stream, as: ScriptStream.type)
            setField("stream", at: -2)
            push(-1)
        }
        setField("body_size", at: -2)
    }
}

// The options of a request.
extension LuaStack {
    /// Returns the request in an element of the batch at position 1.
    fileprivate func outgoingCall(inBatchAt number: Int) throws(LuaError) -> OutgoingCall {
        let top = count
        defer { setCount(top) }
        guard pushElement(number, at: 1) == .table else { throw .invalid("each request must be a table") }
        let request = count
        for index in 1...3 { pushElement(index, at: request) }
        guard let method = string(at: request + 1) else { throw .invalid("method must be a string") }
        guard let address = string(at: request + 2) else { throw .invalid("URL must be a string") }
        let call = try outgoingCall(method, address, optionsAt: request + 3)
        guard !call.options.isStreamed else { throw .invalid("streaming not supported in batch requests") }
        return call
    }

    fileprivate func outgoingCall(
        _ method: String, _ address: String, optionsAt index: Int
    ) throws(LuaError) -> OutgoingCall {
        guard let method = HTTPMethod(method) else { throw .invalid("'\(method)' is not a method") }
        let target: WebAddress
        do throws(WebAddress.Misspelling) {
            target = try WebAddress(address)
        } catch {
            throw .invalid("\(error)")
        }
        guard !isNil(at: index) else { return OutgoingCall(method: method, address: target, options: .standard) }
        let options = try options(
            at: index, leavingOut: RequestOptions.namesWithBytes, RequestOptions.init(from:))
        var call = OutgoingCall(method: method, address: target, options: options)
        for (name, value) in options.headers { try call.set(name, value) }
        if !options.query.isEmpty { call.address.append(query: options.query.formEncoded) }
        if !options.cookies.isEmpty {
            try call.set("Cookie", options.cookies.map { "\($0)=\($1)" }.joined(separator: "; "))
        }
        if let pair = options.userAndPassword.map({ Array($0.utf8) }) {
            try call.set("Authorization", "Basic \(Base64.encode(pair.span))")
        }
        try setBody(of: &call, optionsAt: index)
        return call
    }

    /// Sets the body: a text without changes, or a form with or without files.
    private func setBody(of call: inout OutgoingCall, optionsAt index: Int) throws(LuaError) {
        let top = count
        defer { setCount(top) }
        let form = call.options.form
        let filesType = pushField(RequestOptions.filesField, at: index)
        guard filesType == .table || filesType == .nil else {
            throw .invalid("'\(RequestOptions.filesField)' must be a list of tables")
        }
        if filesType == .table {
            let files = count
            var body = FormBody()
            for (name, value) in form { body.append(Array(value.utf8), name: name) }
            for number in 0..<length(at: files) {
                guard pushElement(number + 1, at: files) == .table else { throw .invalid("each file must be a table") }
                let file = try namedValues(at: count, as: FilePart.self)
                guard let name = file[.name]?.string, let content = file[.content]?.content else {
                    throw .invalid("each file needs a '\(FilePart.name)' and its '\(FilePart.content)'")
                }
                body.append(
                    content, name: name, fileName: file[.filename]?.string ?? name,
                    type: file[.contentType]?.string ?? "application/octet-stream")
                setCount(files)
            }
            call.body = body.bytes
            try call.set("Content-Type", body.mediaType)
        } else if !form.isEmpty {
            call.body = Array(form.formEncoded.utf8)
            try call.set("Content-Type", "application/x-www-form-urlencoded")
        } else if pushField(RequestOptions.bodyField, at: index) != .nil {
            guard let bytes = bytes(at: -1) else { throw .invalid("'\(RequestOptions.bodyField)' must be a string") }
            call.body = bytes
        }
    }
}

extension OutgoingCall {
    fileprivate mutating func set(_ name: String, _ value: String) throws(LuaError) {
        guard let field = HTTPFieldName(name) else { throw .invalid("'\(name)' is not a header name") }
        do throws(HTTPFieldError) {
            try fields.set(field, value)
        } catch {
            throw .invalid("\(error)")
        }
    }
}

extension [(name: String, value: String)] {
    /// The pairs as the query of an HTML form.
    fileprivate var formEncoded: String {
        map { pair in
            "\(PercentEncoding.encodeForm(pair.name.utf8))=\(PercentEncoding.encodeForm(pair.value.utf8))"
        }.joined(separator: "&")
    }
}

/// Writes the body of a form with files.
private struct FormBody {
    private let boundary = String(UInt64.random(in: .min ... .max), radix: 16) + "wippy"
    private var parts: [UInt8] = []

    var bytes: [UInt8] { parts + Array("--\(boundary)--\r\n".utf8) }

    var mediaType: String { "multipart/form-data; boundary=\(boundary)" }

    mutating func append(_ content: [UInt8], name: String, fileName: String? = nil, type: String? = nil) {
        var head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name.quotable)\""
        if let fileName { head += "; filename=\"\(fileName.quotable)\"" }
        if let type { head += "\r\nContent-Type: \(type.onOneLine)" }
        parts += Array("\(head)\r\n\r\n".utf8) + content + Array("\r\n".utf8)
    }
}

extension String {
    /// The text with escapes, so that it can stand between quotation marks on one line.
    fileprivate var quotable: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            default: text.unicodeScalars.append(scalar)
            }
        }.onOneLine
    }

    /// The text with escapes for line breaks.
    fileprivate var onOneLine: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\r": text += "%0D"
            case "\n": text += "%0A"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// The usual spelling of a field's name, such as `Content-Type`.
    fileprivate var capitalizedWords: String {
        var isFirst = true
        let bytes = utf8.map { byte in
            defer { isFirst = byte == UInt8(ascii: "-") }
            return isFirst && byte.isLower ? byte & ~0x20 : !isFirst && byte.isUpper ? byte | 0x20 : byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The name and the value of the cookie in a `Set-Cookie`; nil if the field has no cookie.
    fileprivate var cookie: (name: String, value: String)? {
        let pair = utf8.prefix { $0 != UInt8(ascii: ";") }
        guard let mark = pair.firstIndex(of: UInt8(ascii: "=")), mark > startIndex else { return nil }
        return (String(self[..<mark]), String(self[index(after: mark)..<pair.endIndex]))
    }
}

/// The names in the table of a file of a form.
private enum FilePart: String, CaseIterable {
    case name, filename, content
    case contentType = "content_type"
}

extension Value {
    /// The bytes of a text, or of bytes that are no text; nil for any other value.
    fileprivate var content: [UInt8]? { string.map { Array($0.utf8) } ?? bytes }
}
