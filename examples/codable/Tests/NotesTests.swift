import Testing
import Wippy
import WippyTesting

@testable import codable

@Suite("Notes")
struct NotesTests {
    private struct Draft: Encodable {
        var text: String
        var author: String?
    }

    @Test("A note is the same value all the way")
    func life() async throws {
        try await TestApplication(handlers: Notes.handlers) { app in
            let answer = try await app.post("/notes", encoding: Draft(text: "milk and bread", author: "Ada"))
            let note = try answer.json(as: Note.self)
            #expect(answer.status == 202 && note.words == 3)
            try await app.settled()
            #expect(try await app.get("/notes?words=3").json(as: [Note].self) == [note])
            #expect(try await app.get("/notes?words=4").json(as: [Note].self) == [])
        }
    }

    @Test("A body that is no note is answered with its field")
    func misfit() async throws {
        try await TestApplication(handlers: Notes.handlers) { app in
            let answer = try await app.post("/notes", json: ["text": 7])
            #expect(answer.status == 400 && answer.text.contains("'text' must be a string"))
            #expect(try await app.post("/notes", json: ["text": ""]).status == 400)
        }
    }

    @Test("A function is called with types, and alone without an application")
    func measure() async throws {
        #expect(try Measure(.standIn()).call("to be or") == Measure.Size(words: 3, longest: "to"))
        try await TestApplication(handlers: Notes.handlers) { app in
            let size = try await app.function("app:measure").call(encoding: "a bc", returning: Measure.Size.self)
            #expect(size == Measure.Size(words: 2, longest: "bc"))
        }
    }
}
