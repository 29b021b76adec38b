import EventLoops
import HTTPServing
import Synchronization
import Testing
import WippyTestClient

@Suite(.timeLimit(.minutes(15)))
struct StreamingTests {
    private struct Oops: Error {}

    private func exchange(
        _ text: String, _ body: HTTPResponse.Body, status: HTTPStatus = .ok
    ) async throws -> Result<String, TestClient.Failure> {
        nonisolated(unsafe) var result: Result<String, TestClient.Failure>?
        try await TestServer { _ in
            HTTPResponse(status: status, body: body)
        }.run { address, _ in
            result = try await onThread {
                let client = try TestClient(to: address)
                try client.send(text)
                do {
                    return .success(try client.receiveTextToEnd())
                } catch let failure as TestClient.Failure {
                    return .failure(failure)
                }
            }
        }
        return try #require(result)
    }

    @Test(
        "The answer to an error is final and whole, whatever the responder makes of it",
        arguments: [
            HTTPResponse(status: HTTPStatus(code: 103) ?? .ok),
            HTTPResponse(status: .badGateway, body: .stream(length: 5) { try await $0.write("hello") }),
            HTTPResponse(status: .badGateway, body: .stream(length: nil) { try await $0.write("hello") }),
        ])
    func answerToError(_ answer: HTTPResponse) async throws {
        let server = TestServer { _ in throw Oops() }.with { $0.answerError = { _, _ in answer } }
        try await server.run { address, _ in
            let response = try await onThread {
                let client = try TestClient(to: address)
                try client.send(get)
                return try client.response()
            }
            let isInterim = answer.status.code < 200
            #expect(response?.status == (isInterim ? 500 : answer.status.code))
            #expect(response?.body == (isInterim ? #"{"error":"internal error"}"# : ""))
        }
    }

    @Test("A length below zero is no trap: the content is too long for it")
    func negativeLength() async throws {
        let text = try await exchange(get, .stream(length: -1) { try await $0.write("hello") }).get()
        #expect(text.hasPrefix("HTTP/1.1 500 "))
    }

    private let get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    @Test("Content of unknown length goes out in chunks")
    func chunked() async throws {
        let text = try await exchange(
            get,
            .stream(length: nil) { writer in
                try await writer.write("hello")
                try await writer.write("")
                try await writer.write("!")
            }
        ).get()
        #expect(text.contains("\r\nTransfer-Encoding: chunked\r\n"))
        #expect(!text.contains("Content-Length"))
        #expect(text.hasSuffix("\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"))
    }

    @Test("Content of known length goes out with it")
    func length() async throws {
        let text = try await exchange(
            get,
            .stream(length: 6) { writer in
                try await writer.write("hello")
                try await writer.write("!")
            }
        ).get()
        #expect(text.contains("\r\nContent-Length: 6\r\n"))
        #expect(text.hasSuffix("\r\n\r\nhello!"))
    }

    @Test("A client of HTTP/1.0 gets content of unknown length without chunks, up to the end")
    func oldVersion() async throws {
        let text = try await exchange(
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            .stream(length: nil) { writer in
                try await writer.write("hello")
            }
        ).get()
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(!text.contains("Content-Length") && !text.contains("Transfer-Encoding"))
        #expect(text.hasSuffix("\r\n\r\nhello"))
    }

    @Test("HEAD does not run the writer")
    func head() async throws {
        let body = HTTPResponse.Body.stream(length: 6) { _ in Issue.record("the writer ran") }
        let text = try await exchange(get.replacing("GET", with: "HEAD"), body).get()
        #expect(text.contains("\r\nContent-Length: 6\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test("A writer that writes nothing makes an empty answer")
    func nothing() async throws {
        let text = try await exchange(get, .stream(length: nil) { _ in }).get()
        #expect(text.contains("\r\nContent-Length: 0\r\n"))
    }

    @Test("A writer that fails before it has written is answered as an error")
    func failsEarly() async throws {
        let text = try await exchange(get, .stream(length: nil) { _ in throw Oops() }).get()
        #expect(text.hasPrefix("HTTP/1.1 500 "))
    }

    @Test("A writer that fails later leaves its content without an end")
    func failsLate() async throws {
        let text = try await exchange(
            get.replacing("Connection: close\r\n", with: ""),
            .stream(length: nil) { writer in
                try await writer.write("hello")
                throw Oops()
            }
        ).get()
        #expect(text.hasSuffix("\r\n\r\n5\r\nhello\r\n"))
    }

    @Test("A late error of a writer reaches the responder once, if it is not due to a client that has gone")
    func tellsLateErrors() async throws {
        let heard = Mutex<[String]>([])
        try await TestServer { request in
            let path = request.head.path
            return HTTPResponse(
                status: .ok,
                body: .stream(length: path == "/short" ? 6 : nil) { writer in
                    try await writer.write("hello")
                    switch path {
                    case "/fails": throw Oops()
                    case "/leaves": while true { try await writer.write([UInt8](repeating: 120, count: 65_536)) }
                    default: break
                    }
                })
        }.with {
            $0.answerError = { error, request in
                heard.withLock { $0.append("\(request.head.path) \(error) \(request.isAnswered)") }
                return HTTPResponse(status: .internalServerError)
            }
        }.run { address, _ in
            for path in ["/fine", "/fails", "/short"] {
                let text = try await onThread {
                    let client = try TestClient(to: address)
                    try client.send(get.replacing("GET /", with: "GET \(path)"))
                    return try client.receiveTextToEnd()
                }
                #expect(text.hasPrefix("HTTP/1.1 200 ") && text.contains("hello"))
            }
            let client = try TestClient(to: address)
            try client.send(get.replacing("GET /", with: "GET /leaves"))
            client.reset()
        }
        // The server has stopped, so every writer has ended.
        #expect(
            heard.withLock(\.self) == [
                "/fails Oops() true", "/short the content is longer or shorter than its Content-Length true",
            ])
    }

    @Test("A writer that fails for a client of HTTP/1.0 breaks the connection off")
    func failsForOldVersion() async throws {
        let result = try await exchange(
            "GET / HTTP/1.0\r\n\r\n",
            .stream(length: nil) { writer in
                try await writer.write("hello")
                throw Oops()
            })
        #expect(throws: TestClient.Failure.self) { try result.get() }
    }

    @Test("More than the announced length is not written, and less closes")
    func wrongLength() async throws {
        let more = try await exchange(
            get,
            .stream(length: 6) { writer in
                try await writer.write("hello")
                await #expect(throws: HTTPBodyWriterError.self) { try await writer.write("!!") }
                try await writer.write("!")
            }
        ).get()
        #expect(more.hasSuffix("\r\n\r\nhello!"))
        let less = try await exchange(get, .stream(length: 6) { writer in try await writer.write("hello") }).get()
        #expect(less.hasSuffix("\r\n\r\nhello"))
    }

    @Test("A status without content has none, whatever is written")
    func noContent() async throws {
        let text = try await exchange(
            get, .stream(length: nil) { _ in Issue.record("the writer ran") }, status: .noContent
        ).get()
        #expect(text.hasPrefix("HTTP/1.1 204 No Content\r\n"))
        #expect(!text.contains("Content-Length") && !text.contains("Transfer-Encoding"))
    }

    @Test("A client that reads slowly holds the writer back")
    func backPressure() async throws {
        let written = Counter()
        let (loops, loop) = AsyncStream<EventLoop>.makeStream()
        try await TestServer { _ in
            HTTPResponse(
                status: .ok,
                body: .stream(length: nil) { writer in
                    if let current = EventLoop.current { loop.yield(current) }
                    for _ in 0..<1000 {
                        try await writer.write([UInt8](repeating: 120, count: 65_536))
                        written.add(1)
                    }
                })
        }.run { address, _ in
            let client = try TestClient(to: address, receiveBuffer: 4096)
            try client.send(get)
            for await loop in loops {
                await written.waitUntilStill(on: loop)
                break
            }
            // What the system buffers, and one piece; far from all of it.
            #expect(written.value < 500)
            let count = try await onThread { try client.response()?.body.utf8.count }
            #expect(count == 65_536_000)
        }
    }
}
