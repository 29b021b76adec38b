import HTTPServing
import LuaEngine
import WippyLua

extension ScriptModule {
    /// `http`: the request that the script answers, and its answer.
    static let http = ScriptModule(
        "http",
        [
            .function("request") { stack in
                guard let exchange = try stack.call.exchange else { return stack.fail(.noRequest) }
                let limits: ScriptRequest.Limits
                do throws(LuaError) {
                    limits = stack.isNil(at: 1) ? .standard : try stack.options(at: 1, ScriptRequest.Limits.init(from:))
                } catch {
                    return stack.fail(error)
                }
                return stack.succeed(
                    ScriptRequest(exchange, limits, clock: try stack.call.clock), as: ScriptRequest.type)
            },
            .function("response", traits: [.returns(ScriptResponse.type)]) { stack in
                let call = try stack.call
                guard let exchange = call.exchange else { return stack.fail(.noRequest) }
                return stack.succeed(ScriptResponse(exchange, maxBytes: call.maxResultBytes), as: ScriptResponse.type)
            },
            .table("METHOD", constants(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"].map { ($0, $0) })),
            .table(
                "CONTENT",
                constants([
                    ("JSON", "application/json"), ("FORM", "application/x-www-form-urlencoded"),
                    ("MULTIPART", "multipart/form-data"), ("TEXT", "text/plain"),
                    ("STREAM", "application/octet-stream"),
                ])),
            .table("TRANSFER", constants([("CHUNKED", "chunked"), ("SSE", "sse")])),
            .table(
                "ERROR",
                constants(["PARSE_FAILED", "INVALID_STATE", "WRITE_FAILED", "STREAM_ERROR"].map { ($0, $0) })),
            .table("STATUS", statuses.map { LuaMember.value($0.name, .integer($0.code)) }),
        ])

    private static func constants(_ pairs: [(name: String, text: String)]) -> [LuaMember] {
        pairs.map { .value($0.name, .string($0.text)) }
    }

    private static let statuses: [(name: String, code: Int)] = [
        ("OK", 200), ("CREATED", 201), ("ACCEPTED", 202), ("NO_CONTENT", 204), ("PARTIAL_CONTENT", 206),
        ("MOVED_PERMANENTLY", 301), ("FOUND", 302), ("SEE_OTHER", 303), ("NOT_MODIFIED", 304),
        ("TEMPORARY_REDIRECT", 307), ("PERMANENT_REDIRECT", 308), ("BAD_REQUEST", 400), ("UNAUTHORIZED", 401),
        ("PAYMENT_REQUIRED", 402), ("FORBIDDEN", 403), ("NOT_FOUND", 404), ("METHOD_NOT_ALLOWED", 405),
        ("NOT_ACCEPTABLE", 406), ("CONFLICT", 409), ("GONE", 410), ("UNPROCESSABLE", 422), ("TOO_MANY_REQUESTS", 429),
        ("INTERNAL_ERROR", 500), ("INTERNAL_SERVER_ERROR", 500), ("NOT_IMPLEMENTED", 501), ("BAD_GATEWAY", 502),
        ("SERVICE_UNAVAILABLE", 503), ("GATEWAY_TIMEOUT", 504), ("VERSION_NOT_SUPPORTED", 505),
    ]
}

extension LuaError {
    fileprivate static let noRequest = LuaError.internal("no HTTP request context found")
}
