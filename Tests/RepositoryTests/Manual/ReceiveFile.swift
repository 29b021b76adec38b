import Wippy

/// `POST /files`: receives a form with a file, as a browser sends it.
struct ReceiveFile: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try await request.body.collect()
        do {
            let form = try MultipartForm(body, contentType: request.fields[.contentType] ?? "")
            guard let file = form.parts.first(where: { $0.fileName != nil }) else {
                throw HTTPError(.badRequest, "the form has no file")
            }
            return try .json(["name": .string(file.fileName ?? ""), "bytes": .integer(file.content.count)])
        } catch let error as MultipartFormError {
            throw HTTPError(.badRequest, "\(error)")
        }
    }
}
