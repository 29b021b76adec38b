import HTTPServing
import LuaEngine
import WippyHTTP
import WippyText

/// The request that a script answers.
final class ScriptRequest: Sendable {
    /// How long a body may be where the script says nothing of it; the server's own limit counts, too.
    static let bodyBytesMax = 120 << 20

    static let type: LuaObjectType<ScriptRequest> = LuaObjectType(
        "http.Request",
        methods: [
            "method": { stack, request in stack.pushText("\(request.request.method)") },
            "path": { stack, request in
                stack.pushText(PercentEncoding.decode(request.request.head.pathBytes) ?? request.request.head.path)
            },
            "host": { stack, request in stack.pushText(request.request.head.authority ?? "") },
            "remote_addr": { stack, request in
                stack.pushText(request.request.remoteAddress.map { "\($0)" } ?? "")
            },
            "query": { stack, request in stack.pushText(request.request.query(try stack.checkString(at: 2))) },
            "query_params": { stack, request in
                stack.pushTexts(request.request.head.queryItems)
            },
            "header": { stack, request in
                let name = HTTPFieldName(try stack.checkString(at: 2))
                return stack.pushText(name.flatMap { $0 == .host ? nil : request.request.fields[$0] })
            },
            "content_type": { stack, request in stack.pushText(request.request.fields[.contentType]) },
            "content_length": { stack, request in
                stack.push(Double(request.contentLength ?? -1))
                return stack.succeed()
            },
            "param": { stack, request in stack.pushText(request.request.parameter(try stack.checkString(at: 2))) },
            "params": { stack, request in
                stack.pushTexts(request.request.parameters.map { ($0.name, $0.value) })
            },
            "has_body": { stack, request in stack.pushTruth((request.contentLength ?? 0) > 0) },
            "accepts": { stack, request in
                let wanted = try stack.checkString(at: 2)
                let ranges = (request.request.fields[.accept] ?? "").unicodeScalars.split(separator: ",").map {
                    String($0).trimmingBlanks
                }
                return stack.pushTruth(ranges.contains { $0 == "*/*" || ExactText.areEqual($0, wanted) })
            },
            "is_content_type": { stack, request in
                let wanted = try stack.checkString(at: 2)
                return stack.pushTruth(request.request.fields[.contentType]?.hasExactPrefix(wanted) == true)
            },
            "body": { stack, request in
                request.readBody { stack, bytes in
                    stack.push(bytes)
                    return stack.succeed()
                }
            },
            "body_json": { stack, request in
                request.readBody { stack, bytes in
                    do throws(LuaJSON.ReadingError) {
                        try LuaJSON.decode(bytes.span, onto: stack)
                    } catch {
                        return stack.fail(.invalid("invalid JSON: \(error)"))
                    }
                    return stack.succeed()
                }
            },
        ])

    let exchange: HTTPExchange
    private let bodyBytesMax: Int

    init(_ exchange: HTTPExchange, bodyBytesMax: Int) {
        (self.exchange, self.bodyBytesMax) = (exchange, bodyBytesMax)
    }

    var request: HTTPRequest { exchange.request }

    private var contentLength: Int? { request.fields[.contentLength].flatMap { Int($0) } }

    /// Reads the body, which can be read once.
    private func readBody(_ finish: @escaping (LuaStack, [UInt8]) -> LuaVerdict) -> LuaVerdict {
        .wait { [exchange, bodyBytesMax] in
            guard exchange.takeBody() else { throw LuaError.internal("the body has been read already") }
            return try await exchange.request.body.collect(upTo: bodyBytesMax)
        } then: { stack, result in
            switch result {
            case .success(let bytes): finish(stack, bytes)
            case .failure(let error as HTTPBodyError) where error.code == .tooLarge:
                stack.fail(.invalid("request body too large"))
            case .failure(let error): stack.fail(LuaError(of: error))
            }
        }
    }
}

extension LuaStack {
    /// Pushes a text or nil, and nil for no error.
    fileprivate func pushText(_ text: String?) -> LuaVerdict {
        if let text { push(text) } else { pushNil() }
        return succeed()
    }

    /// Pushes a truth value, and nil for no error.
    fileprivate func pushTruth(_ value: Bool) -> LuaVerdict {
        push(value)
        return succeed()
    }

    /// Pushes a table of texts, those of one name joined by a comma, and nil for no error.
    fileprivate func pushTexts(_ pairs: [(name: String, value: String)]) -> LuaVerdict {
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
    /// The text without the blanks around it.
    fileprivate var trimmingBlanks: String {
        let start = unicodeScalars.drop { $0 == " " || $0 == "\t" }
        let end = start.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { String(start[...$0]) } ?? ""
    }
}
