import EventLoops
import HTTPServing
import Testing

/// What a client reads for a case that it sends whole, then closing its sending direction.
///
/// A message that is cut off is 400; bodies come back, other requests' targets do.
private func answers(_ raw: RawCase) -> [String] {
    var answers: [String] = []
    var target: String?
    var body: String?
    for event in raw.expected {
        if event == "end" {
            answers.append("200 \(body ?? target ?? "")")
            (target, body) = (nil, nil)
        } else if event.hasPrefix("body ") {
            body = String(event.dropFirst(5))
        } else if Int(event) != nil {
            return answers + [event]
        } else {
            target = String(event.split(separator: " ")[1])
            if event.hasPrefix("HEAD ") { body = "" }
        }
    }
    let isBegun = target != nil || (raw.expected.isEmpty && raw.bytes != [13, 10] && !raw.bytes.isEmpty)
    return isBegun ? answers + ["400"] : answers
}

@Suite(.timeLimit(.minutes(2)))
struct RawConnectionTests {
    private static let cases = RawCase.requestLines + RawCase.fields + RawCase.chunks

    private func check(isDripped: Bool) async throws {
        try await TestServer().with { $0.limits.body = 1_000_000 }.run { address, _ in
            let failures = try await onThread {
                let neighbour = try TestClient(to: address)
                return try Self.cases.compactMap { raw -> String? in
                    let client = try TestClient(to: address)
                    if isDripped { client.drip(raw.bytes) } else { try client.send(raw.bytes) }
                    client.finishSending()
                    var seen: [String] = []
                    while let response = try client.response(hasBody: !raw.expected.contains("HEAD /x")) {
                        seen.append(response.status == 200 ? "200 \(response.body)" : "\(response.status)")
                    }
                    let served = try neighbour.exchange("GET /n HTTP/1.1\r\nHost: a\r\n\r\n")?.body
                    let isRight = seen == answers(raw) && served == "/n"
                    return isRight ? nil : "\(raw.title): \(seen), not \(answers(raw)); neighbour \(served ?? "none")"
                }
            }
            #expect(failures == [])
        }
    }

    @Test("Every case is answered over a socket, and then the connection is closed")
    func whole() async throws {
        try await check(isDripped: false)
    }

    @Test("Every case that is sent in pieces of one to three bytes is answered the same way")
    func dripped() async throws {
        try await check(isDripped: true)
    }

    @Test("Nothing is read after a request that is refused, and the client learns it without a reset")
    func refused() async throws {
        try await TestServer().run { address, _ in
            let text = try await onThread {
                let client = try TestClient(to: address)
                try client.send(
                    "GET / HTTP/1.1\r\n\r\n" + String(repeating: "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", count: 500))
                return try client.receiveToEnd()
            }
            #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"))
            #expect(text.contains("Connection: close\r\n"))
            #expect(text.hasSuffix("\r\n\r\n{\"error\":\"the Host field is missing\"}"))
        }
    }

    @Test("A body that nobody reads any more does not keep the client from its answer")
    func tooLarge() async throws {
        try await TestServer().with { $0.limits.body = 1000 }.run { address, _ in
            let response = try await onThread {
                let client = try TestClient(to: address)
                let length = 500_000
                try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
                try client.send([UInt8](repeating: 120, count: length))
                return try client.response()
            }
            #expect(response?.status == 413)
            #expect(response?.body == "{\"error\":\"the request body is too large\"}")
            #expect(response?.has("Connection: close") == true)
        }
    }
}
