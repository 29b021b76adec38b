import Testing
import Wippy
import WippyTesting

@testable import streaming

@Suite("Streaming")
struct StreamingTests {
    @Test("A body is counted as it comes")
    func upload() async throws {
        try await TestApplication(handlers: Streaming.handlers) { app in
            let text = String(repeating: "0123456789\n", count: 100_000)
            let answer = try await app.send(.post, "/upload", body: Array(text.utf8))
            #expect(try answer.json() == ["bytes": 1_100_000, "lines": 100_000])
        }
    }

    @Test("Numbers come whole, however many they are")
    func download() async throws {
        try await TestApplication(handlers: Streaming.handlers) { app in
            let lines = try await app.get("/numbers?count=2500").text.split(separator: "\n")
            #expect(lines.count == 2500 && lines.last == "2499")
            #expect(try await app.get("/numbers?count=-1").status == 400)
        }
    }

    @Test("Events come at their interval, from the last one that the client has seen")
    func events() async throws {
        try await TestApplication(handlers: Streaming.handlers, overrides: ["app:events:config.interval": "1ms"]) {
            app in
            let answer = try await app.get("/events?count=2", fields: ["Last-Event-ID": "7"])
            #expect(answer.fields[.contentType] == "text/event-stream")
            #expect(
                answer.text
                    == "id: 8\nevent: tick\ndata: {\"number\":8}\n\nid: 9\nevent: tick\ndata: {\"number\":9}\n\n")
        }
    }
}
