import EventLoops
package import WippyTestClient

/// Sends each request on a connection of its own.
package enum HTTPClient {
    /// The connection has ended without an answer.
    package struct NoAnswer: Error {}

    package static func send(
        _ method: String, _ path: String, to port: Int, fields: [String] = [], body: String = ""
    ) async throws -> TestClient.Response {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close"] + fields
        let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
        let text = (lines + length).joined(separator: "\r\n") + "\r\n\r\n" + body
        let address = try SocketAddress(parsing: "127.0.0.1:\(port)")
        let response = try await onThread {
            let client = try TestClient(to: address)
            try client.send(text)
            return try client.response(hasBody: method != "HEAD")
        }
        guard let response else { throw NoAnswer() }
        return response
    }
}
