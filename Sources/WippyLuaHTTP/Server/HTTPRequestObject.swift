import HTTPServing
import LuaEngine
import WippyDefinition
import WippyHTTP
import WippyLua
import WippyRuntime
import WippyText

/// The request that a script answers.
final class ScriptRequest: Sendable {
    /// The script's own limits of the body.
    ///
    /// The server's limits also apply.
    struct Limits: Sendable {
        /// The largest length of the body in bytes.
        let bodyBytes: Int
        /// The longest time for reading the whole body; nil if only the server's limit applies.
        let bodyTime: Duration?

        /// Reads the options of `http.request`.
        init(from fields: inout FieldReader) {
            let standard: ScriptInteger = 125_829_120
            let bytes = fields.optional(
                "max_body", default: standard, "The largest length of the body, in bytes. 0 and less mean the default.")
            let time: CountedDuration<Milliseconds>? = fields.optional(
                "timeout", defaultsTo: "the server's limits",
                "The longest time for reading the whole body, except by `stream()`. 0 and less mean the default."
            )
            bodyBytes = bytes > 0 ? bytes.number : standard.number
            bodyTime = time.map(\.duration).flatMap { $0 > .zero ? $0 : nil }
        }

        /// The limits of a request without options.
        static let standard: Limits = {
            var fields = FieldReader(describingIn: "")
            return Limits(from: &fields)
        }()
    }

    static let type: LuaObjectType<ScriptRequest> = LuaObjectType(
        "http.Request",
        methods: [
            "method": { stack, request in stack.giveText("\(request.request.method)") },
            "path": { stack, request in
                stack.giveText(PercentEncoding.decode(request.request.head.pathBytes) ?? request.request.head.path)
            },
            "host": { stack, request in stack.giveText(request.request.head.authority ?? "") },
            "remote_addr": { stack, request in
                stack.giveText(request.request.remoteAddress.map { "\($0)" } ?? "")
            },
            "query": { stack, request in stack.giveText(request.request.query(try stack.checkString(at: 2))) },
            "query_params": { stack, request in
                stack.giveTexts(request.request.head.queryItems)
            },
            "header": { stack, request in
                let name = HTTPFieldName(try stack.checkString(at: 2))
                return stack.giveText(name.flatMap { $0 == .host ? nil : request.request.fields[$0] })
            },
            "content_type": { stack, request in stack.giveText(request.request.fields[.contentType]) },
            "content_length": { stack, request in
                stack.push(Double(request.contentLength ?? -1))
                return stack.succeed()
            },
            "param": { stack, request in stack.giveText(request.request.parameter(try stack.checkString(at: 2))) },
            "params": { stack, request in
                stack.giveTexts(request.request.parameters.map { ($0.name, $0.value) })
            },
            "has_body": { stack, request in stack.succeed((request.contentLength ?? 0) > 0) },
            "accepts": { stack, request in
                let wanted = try stack.checkString(at: 2)
                let ranges = (request.request.fields[.accept] ?? "").unicodeScalars.split(separator: ",").map {
                    String($0).trimmingBlanks
                }
                return stack.succeed(ranges.contains { $0 == "*/*" || ExactText.areEqual($0, wanted) })
            },
            "is_content_type": { stack, request in
                let wanted = try stack.checkString(at: 2)
                return stack.succeed(request.request.fields[.contentType]?.hasExactPrefix(wanted) == true)
            },
            "body": { stack, request in request.readBody(stack) { stack, bytes in stack.succeed(bytes) } },
            "body_json": { stack, request in
                request.readBody(stack) { stack, bytes in
                    do throws(LuaJSON.ReadingError) {
                        try LuaJSON.decode(bytes.span, onto: stack)
                    } catch {
                        return stack.fail(.invalid("invalid JSON: \(error)"))
                    }
                    return stack.succeed()
                }
            },
            "stream": { stack, request in
                guard request.exchange.takeBody() else { return stack.fail(.bodyTaken) }
                var body = request.request.body
                body.limit = min(body.limit, request.limits.bodyBytes)
                let source = RequestBodySource(body, count: request.contentLength)
                return stack.succeed(ScriptStream(source), as: ScriptStream.type)
            },
            "parse_multipart": { stack, request in
                // The argument has no effect: the body's limit also limits its memory, and nothing is written to files.
                _ = try stack.checkInteger(at: 2, default: 0)
                let type = request.request.fields[.contentType] ?? ""
                guard type.hasExactPrefix("multipart/form-data") else {
                    return stack.fail(.invalid("content type is not multipart/form-data"))
                }
                return request.readBody(stack) { stack, bytes in
                    do throws(MultipartFormError) {
                        stack.push(try MultipartForm(bytes, contentType: type))
                        return stack.succeed()
                    } catch {
                        return stack.fail(.internal("failed to parse multipart form: \(error)"))
                    }
                }
            },
        ],
        text: { "http.Request{method=\($0.request.method), path=\($0.request.head.path)}" })

    let exchange: HTTPExchange
    private let limits: Limits
    private let clock: any RuntimeClock

    init(_ exchange: HTTPExchange, _ limits: Limits, clock: any RuntimeClock) {
        (self.exchange, self.limits, self.clock) = (exchange, limits, clock)
    }

    var request: HTTPRequest { exchange.request }

    private var contentLength: Int? { request.fields[.contentLength].flatMap { Int($0) } }

    /// Reads the body, which can be read once.
    private func readBody(
        _ stack: LuaStack, _ finish: @escaping (LuaStack, [UInt8]) -> LuaVerdict
    ) -> LuaVerdict {
        guard exchange.takeBody() else { return stack.fail(.bodyTaken) }
        // Most bodies arrive together with the head.
        let arrived = try? request.body.collectAtOnce(upTo: limits.bodyBytes)
        if let arrived {
            let top = stack.count
            let verdict = finish(stack, arrived)
            guard stack.mustWaitAfterStop() else { return verdict }
            stack.setCount(top)
        }
        return .wait { [self] in
            if let arrived { arrived } else { try await collectBody() }
        } then: { stack, result in
            switch result {
            case .success(let bytes): finish(stack, bytes)
            case .failure(let error as HTTPBodyError): stack.fail(LuaError(reading: error))
            case .failure(let error): stack.fail(LuaError(of: error))
            }
        }
    }
}

extension ScriptRequest {
    private func collectBody() async throws -> [UInt8] {
        let (body, bytes) = (request.body, limits.bodyBytes)
        guard let time = limits.bodyTime else { return try await body.collect(upTo: bytes) }
        return try await clock.within(
            time, orThrow: LuaError.internal("the body did not arrive within \(time.written)")
        ) {
            try await body.collect(upTo: bytes)
        }
    }
}

extension LuaError {
    fileprivate static let bodyTaken = LuaError.internal("the body has already been read")
}

extension LuaStack {
    /// Returns a text or nil, without an error.
    fileprivate func giveText(_ text: String?) -> LuaVerdict {
        guard let text else {
            pushNil()
            return succeed()
        }
        return succeed(text)
    }

    /// Returns a table of texts, without an error.
    ///
    /// Texts with the same name are joined by commas.
    fileprivate func giveTexts(_ pairs: [(name: String, value: String)]) -> LuaVerdict {
        pushTable(fields: pairs.count)
        for (name, value) in pairs {
            pushField(name, at: -1)
            let before = string(at: -1)
            pop()
            push(before.map { "\($0),\(value)" } ?? value)
            setField(name, at: -2)
        }
        return succeed()
    }
}

extension String {
    /// The text without blanks at its beginning and end.
    fileprivate var trimmingBlanks: String {
        let start = unicodeScalars.drop { $0 == " " || $0 == "\t" }
        let end = start.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { String(start[...$0]) } ?? ""
    }
}
