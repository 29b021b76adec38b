import EventLoops
import HTTPServing
import Testing
import WippyTestClient

/// What a client reads for a case that it sends whole, then closing its sending direction: statuses, and the contents of
/// answers that are no errors.
///
/// A message that is cut off is 400; bodies come back, other requests' targets do.
private func answers(_ raw: RawCase) -> [(text: String, hasBody: Bool)] {
    var answers: [(text: String, hasBody: Bool)] = []
    var (target, body, isHead) = ("", "", false)
    for event in raw.expected {
        if event == "end" {
            answers.append(("200 \(isHead ? "" : body.isEmpty ? target : body)", !isHead))
            isHead = false
        } else if event == "cut" || Int(event) != nil {
            answers.append((event == "cut" ? "400" : event, !isHead))
        } else if event.hasPrefix("body ") {
            body = String(event.dropFirst(5))
        } else {
            (target, body, isHead) = (String(event.split(separator: " ")[1]), "", event.hasPrefix("HEAD "))
        }
    }
    return answers
}

@Suite(.timeLimit(.minutes(15)))
struct RawConnectionTests {
    private static let cases = (try? RawCase.all.get()) ?? []

    private func check(isDripped: Bool) async throws {
        let server = TestServer().with {
            $0.settings.limits = RawCase.limits
        }
        try await server.run { address, _ in
            let failures = try await onThread {
                let neighbour = try TestClient(to: address)
                return try Self.cases.compactMap { raw -> String? in
                    let client = try TestClient(to: address)
                    if isDripped { client.drip(raw.bytes) } else { try client.send(raw.bytes) }
                    client.finishSending()
                    let expected = answers(raw)
                    var seen: [String] = []
                    for answer in expected {
                        guard let response = try client.response(hasBody: answer.hasBody) else { break }
                        seen.append(response.status == 200 ? "200 \(response.body)" : "\(response.status)")
                    }
                    if let surplus = try client.response() { seen.append("then \(surplus.status)") }
                    let served = try neighbour.exchange("GET /n HTTP/1.1\r\nHost: a\r\n\r\n")?.body
                    if seen == expected.map(\.text), served == "/n" { return nil }
                    return "\(raw.title): \(seen), not \(expected.map(\.text)); neighbour \(served ?? "none")"
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
                return try client.receiveTextToEnd()
            }
            #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"))
            #expect(text.contains("Connection: close\r\n"))
            #expect(text.hasSuffix("\r\n\r\n{\"error\":\"the Host header is missing\"}"))
        }
    }

    @Test("A body that nobody reads any more does not keep the client from its answer")
    func tooLarge() async throws {
        try await TestServer().with { $0.settings.limits.bodyBytes = 1000 }.run { address, _ in
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
