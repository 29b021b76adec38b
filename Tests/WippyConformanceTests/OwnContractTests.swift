import Testing
import WippyConformance

/// A suite for a contract of a program's own, with what is public alone.
@Suite("A suite for a contract of one's own")
struct OwnContractTests {
    private protocol Oracle: Sendable {
        func answer(to question: String) throws -> String
    }

    private struct Sound: Oracle {
        struct Silent: Error {}

        func answer(to question: String) throws -> String {
            if question.isEmpty { throw Silent() }
            return "\(question)!"
        }
    }

    private struct Flawed: Oracle {
        let answers: [String: String]

        func answer(to question: String) -> String { answers[question] ?? "\(question)!" }
    }

    private struct OracleConformance {
        /// A question that the oracle must not answer; nil to leave the rule out.
        var forbidden: String?
        let oracle: @Sendable () -> any Oracle

        private var rules: [Rule<any Oracle>] {
            [
                Rule("An answer repeats the question") { oracle in
                    try require("the answer", try oracle.answer(to: "why"), is: "why!")
                },
                Rule("An answer ends") { oracle in
                    try require(try oracle.answer(to: "who").hasSuffix("!"), "the answer must end with '!'")
                },
                Rule("A forbidden question has no answer", with: forbidden) { oracle, question in
                    try await require("a forbidden question", throws: Sound.Silent.self) {
                        _ = try oracle.answer(to: question)
                    }
                },
            ]
        }

        @discardableResult
        func check() async throws -> [String] { try await Rule.check(rules, of: "oracle", on: oracle) }
    }

    @Test("It passes what keeps the rules, and names the rules that it could not test")
    func sound() async throws {
        #expect(try await OracleConformance(forbidden: "") { Sound() }.check() == [])
        #expect(try await OracleConformance { Sound() }.check() == ["A forbidden question has no answer"])
    }

    @Test(
        "It names the broken rule and the problem",
        arguments: [
            (["why": "because!"], "An answer repeats the question: the answer must be why!, got because!"),
            (["who": "me"], "An answer ends: the answer must end with '!'"),
            ([:], "A forbidden question has no answer: a forbidden question must throw a Silent, and threw nothing"),
        ])
    func flawed(answers: [String: String], problem: String) async throws {
        let error = await #expect(throws: BrokenRule.self) {
            try await OracleConformance(forbidden: "") { Flawed(answers: answers) }.check()
        }
        #expect(error?.description == "oracle: \(problem)")
    }
}
