import Wippy

/// Answers with the request as it was read: method, target, version, fields in order, and the body in base64.
struct Echo: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try await request.body.collect()
        let fields = request.fields.map { Value.list([.string($0.name), .string($0.value)]) }
        return try .json([
            "method": .string(request.method.rawValue), "target": .string(request.head.requestTarget),
            "version": .string("\(request.head.version)"), "fields": .list(fields), "body": .bytes(body),
        ])
    }
}
