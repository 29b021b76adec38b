import HTTPServing
import LuaEngine
import WippyLua
import WippyText

/// The answer that a script gives.
final class ScriptResponse: Sendable {
    static let type: LuaObjectType<ScriptResponse> = LuaObjectType(
        "http.Response",
        methods: [
            .method("set_status") { stack, response in
                guard let status = HTTPStatus(code: try stack.checkInteger(at: 2)) else {
                    let codes = HTTPStatus.codes
                    return stack.pushError(
                        .invalid("a status must be a number from \(codes.lowerBound) through \(codes.upperBound)"))
                }
                return stack.pushError { () throws(LuaError) in try response.exchange.set(status) }
            },
            .method("set_header") { stack, response in
                let name = try stack.checkString(at: 2)
                let value = try stack.checkString(at: 3)
                return stack.pushError { () throws(LuaError) in try response.exchange.set(name, value) }
            },
            .method("set_content_type") { stack, response in
                let value = try stack.checkString(at: 2)
                return stack.pushError { () throws(LuaError) in
                    try response.exchange.set("Content-Type", value, isAnswer: false)
                }
            },
            .method("set_transfer", traits: [.sendsParts]) { stack, response in
                let transfer: HTTPExchange.Transfer
                switch try stack.checkString(at: 2) {
                case "chunked": transfer = .chunked
                case "sse": transfer = .events
                default: throw LuaRaise.argument(2, "'chunked' or 'sse' expected")
                }
                return stack.pushError { () throws(LuaError) in try response.exchange.set(transfer) }
            },
            .method("write") { stack, response in
                let bytes = try stack.checkBytes(at: 2)
                return response.write(stack, bytes)
            },
            .method("write_json") { stack, response in
                do throws(LuaJSON.WritingError) {
                    let bytes = try LuaJSON.encode(stack, at: 2, maxBytes: response.maxBytes)
                    return response.write(stack, bytes, asJSON: true)
                } catch {
                    return stack.pushError(.invalid("\(error)"))
                }
            },
            .method("write_event", traits: [.sendsParts]) { stack, response in
                do throws(LuaError) { try response.exchange.beginEvents() } catch { return stack.pushError(error) }
                try stack.check(.table, at: 2)
                stack.pushField("name", at: 2)
                guard let name = stack.string(at: -1), !name.isEmpty else {
                    throw LuaRaise.argument(2, "the event needs a 'name'")
                }
                guard stack.pushField("data", at: 2) != .nil else {
                    throw LuaRaise.argument(2, "the event needs 'data'")
                }
                let event: [UInt8]
                do throws(LuaJSON.WritingError) {
                    let data = try LuaJSON.encode(stack, at: -1, maxBytes: response.maxBytes)
                    event = Array("event: \(name.firstLine)\ndata: ".utf8) + data + Array("\n\n".utf8)
                } catch {
                    return stack.pushError(.invalid("\(error)"))
                }
                do throws(LuaError) {
                    try response.exchange.write(event, atMost: response.maxBytes)
                    return response.flush()
                } catch {
                    return stack.pushError(error)
                }
            },
            .method("flush", traits: [.sendsParts]) { _, response in response.flush() },
        ],
        text: { _ in "http.Response{}" })

    let exchange: HTTPExchange
    private let maxBytes: Int

    /// - Parameter maxBytes: the largest content of the answer.
    init(_ exchange: HTTPExchange, maxBytes: Int) {
        self.exchange = exchange
        self.maxBytes = maxBytes
    }

    /// Writes content.
    ///
    /// An answer in chunks is sent when it has enough content for a chunk.
    private func write(_ stack: LuaStack, _ bytes: [UInt8], asJSON isJSON: Bool = false) -> LuaVerdict {
        do throws(LuaError) {
            try exchange.write(bytes, asJSON: isJSON, atMost: maxBytes)
        } catch {
            return stack.pushError(error)
        }
        return exchange.hasChunk ? flush() : stack.pushError(nil)
    }

    /// Sends the content written so far.
    private func flush() -> LuaVerdict {
        .wait { [exchange] in
            try await exchange.flush()
        } then: { stack, result in
            switch result {
            case .success: stack.pushError(nil)
            case .failure(let error): stack.pushError(LuaError(of: error))
            }
        }
    }
}

extension LuaStack {
    /// Pushes the error of `body`, or nil.
    fileprivate func pushError(of body: () throws(LuaError) -> Void) -> LuaVerdict {
        do throws(LuaError) {
            try body()
            return pushError(nil)
        } catch {
            return pushError(error)
        }
    }

    /// Pushes an error or nil, and returns `LuaVerdict.one`.
    fileprivate func pushError(_ error: LuaError?) -> LuaVerdict {
        if let error { push(error) } else { pushNil() }
        return .one
    }
}

extension String {
    /// The first line of the text.
    fileprivate var firstLine: String { String(unicodeScalars.prefix { $0 != "\n" && $0 != "\r" }) }
}
