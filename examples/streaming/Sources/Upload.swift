import Wippy

/// `POST /upload`: reads a body in pieces, and returns its length and its number of lines.
struct Upload: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        var (bytes, lines) = (0, 0)
        for try await piece in request.body {
            bytes += piece.count
            lines += piece.count { $0 == UInt8(ascii: "\n") }
        }
        return try .json(["bytes": .integer(bytes), "lines": .integer(lines)])
    }
}
