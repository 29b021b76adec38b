import Testing
import WippyTestTools

@Suite("Waiting for a condition", .timeLimit(.minutes(15)))
struct EventuallyTests {
    @Test("It is asked until it holds, and not again")
    func holds() async throws {
        var turns = 0
        try await eventually {
            turns += 1
            return turns == 40
        }
        #expect(turns == 40)
    }

    @Test("What does not happen is an error that says where, what and for how long")
    func neverHappens() async {
        let error = await #expect(throws: NeverHappened.self) {
            try await eventually("the end", within: .milliseconds(20)) { false }
        }
        let line = #line - 3
        #expect(
            error?.description
                == "WippyTestToolsTests/EventuallyTests.swift:\(line): the end did not happen within 0.02 seconds")
    }

    @Test("A cancelled task waits no longer")
    func cancellation() async {
        let waiting = Task { try await eventually { false } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test("What the condition throws goes on to the test")
    func throwing() async {
        struct Refused: Error {}
        await #expect(throws: Refused.self) { try await eventually { throw Refused() } }
    }
}
