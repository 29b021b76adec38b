import Wippy

/// Answers as the query says: with the status `status` and the text `content`; every other pair is a field.
///
/// The body is not read. `X-Authority` is the host that was asked.
struct Compose: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        var response = HTTPResponse(status: .ok)
        for (name, value) in request.head.queryItems {
            switch name {
            case "status": response.status = Int(value).flatMap(HTTPStatus.init(code:)) ?? .badRequest
            case "content": response.body = .bytes(Array(value.utf8))
            default:
                guard let field = HTTPFieldName(name) else { throw HTTPError(.badRequest, "'\(name)' names no field") }
                try response.fields.append(field, value)
            }
        }
        try response.fields.append("X-Authority", request.head.authority ?? "")
        return response
    }
}
