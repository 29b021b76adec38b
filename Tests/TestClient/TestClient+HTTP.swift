extension TestClient {
    /// A response as it came.
    package struct Response: Sendable, Equatable {
        package var status: Int
        /// Every line but the status line.
        package var fields: [String]
        package var body = ""

        package init(status: Int, fields: [String] = []) {
            self.status = status
            self.fields = fields
        }

        /// Whether a whole line is among the fields.
        package func has(_ field: String) -> Bool { fields.contains(field) }

        /// A field's value, the first if there are several; its name in any case.
        package func field(_ name: String) -> String? {
            let line = fields.first { $0.lowercased().hasPrefix("\(name.lowercased()): ") }
            return line.map { String($0.dropFirst(name.count + 2)) }
        }
    }

    /// The next response, its chunks joined; nil at the peer's end.
    package func response(hasBody: Bool = true) throws -> Response? {
        guard let head = try receiveText(upTo: "\r\n\r\n") else { return nil }
        var lines = head.split(separator: "\r\n").map(String.init)
        let status = Int(lines.removeFirst().split(separator: " ")[1]) ?? 0
        var response = Response(status: status, fields: lines)
        guard hasBody, status >= 200, status != 204, status != 304 else { return response }
        if response.has("Transfer-Encoding: chunked") {
            while let size = try receiveText(upTo: "\r\n").flatMap({ Int($0, radix: 16) }) {
                response.body += try text(size)
                _ = try text(2)
                if size == 0 { break }
            }
        } else if let length = response.field("Content-Length") {
            response.body = try text(Int(length) ?? 0)
        } else {
            response.body = try receiveTextToEnd()
        }
        return response
    }

    private func text(_ count: Int) throws -> String { String(decoding: try receive(exactly: count), as: UTF8.self) }

    /// Sends a request and returns its response.
    package func exchange(_ text: String) throws -> Response? {
        try send(text)
        return try response()
    }
}
