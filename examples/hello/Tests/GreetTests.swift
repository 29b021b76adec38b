import Testing
import Wippy
import WippyTesting

@testable import Hello

@Suite("Greetings")
struct GreetTests {
    @Test("Whom the path names is greeted, in the words of the entry", arguments: ["Hello", "Good day"])
    func greeting(words: String) async throws {
        let overrides: KeyValuePairs = ["app:greet:config.greeting": words]
        try await TestApplication(handlers: Hello.handlers, overrides: overrides) { app in
            let answer = try await app.get("/hello/Ann")
            #expect(answer.status == 200)
            #expect(try answer.json() == ["text": .string("\(words), Ann")])
        }
    }
}
