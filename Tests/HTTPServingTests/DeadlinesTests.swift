import Testing

@testable import HTTPServing

@Suite("The deadlines of a connection")
struct DeadlinesTests {
    /// One step in the life of a connection.
    private struct Step {
        let words: String
        /// The next deadline after the step.
        let next: UInt64
        /// The time for which the timer is set after the step; nil if it stays as it is.
        let timer: UInt64?
        let change: (inout Deadlines) -> Void

        init(
            _ words: String, next: UInt64 = .max, timer: UInt64? = nil, _ change: @escaping (inout Deadlines) -> Void
        ) {
            (self.words, self.next, self.timer, self.change) = (words, next, timer, change)
        }
    }

    @Test("The timer is set for a deadline that is earlier, and fires early for one that has moved to a later time")
    func timer() {
        let steps = [
            Step("nothing is awaited") { _ in },
            Step("a head is awaited", next: 500, timer: 500) { $0.wait(for: .head, until: 500) },
            Step("the head is there", next: .max) { $0.beginExchange() },
            Step("the responder has its time", next: 2000) { $0.responder = 2000 },
            Step("the timer fires for the head", next: 2000, timer: 2000) { $0.timerFired() },
            Step("a body is awaited", next: 1500, timer: 1500) { $0.wait(for: .body, until: 1500) },
            Step("the client sends some of it", next: 1900) { $0.extendClient(to: 1900) },
            Step("the client has closed its sending direction", next: 1400, timer: 1400) { $0.gone = 1400 },
            Step("nothing is read from the client", next: 1300, timer: 1300) { $0.peer = 1300 },
            Step("the client takes nothing", next: 1200, timer: 1200) { $0.write = 1200 },
            Step("the client has taken some bytes", next: 1300) { $0.write = 1600 },
            Step("the timer fires for the bytes", next: 1300, timer: 1300) { $0.timerFired() },
            Step("the client can be read again", next: 1400) { $0.peer = .max },
            Step("the responder has returned", next: 1600) { ($0.responder, $0.gone) = (.max, .max) },
            Step("the client has taken the answer", next: 1900) { $0.write = .max },
            Step("the timer fires for the client", next: 1900, timer: 1900) { $0.timerFired() },
            Step("nothing more is awaited") { $0.wait(for: nil, until: .max) },
            Step("the timer fires for the last time") { $0.timerFired() },
        ]
        var deadlines = Deadlines()
        for step in steps {
            step.change(&deadlines)
            #expect(deadlines.next == step.next, "\(step.words)")
            #expect(deadlines.arm() == step.timer, "\(step.words)")
            #expect(deadlines.armed <= deadlines.next, "\(step.words)")
            #expect(deadlines.arm() == nil, "\(step.words): a second time")
        }
    }

    @Test("A client that was late stays late until something else is awaited")
    func lateClient() {
        var deadlines = Deadlines()
        deadlines.wait(for: .body, until: 500)
        #expect(!deadlines.isClientLate)
        deadlines.clientRanOut()
        #expect(deadlines.isClientLate && deadlines.clientTimeout == .body && deadlines.client == .max)
        deadlines.extendClient(to: 700)
        #expect(deadlines.isClientLate && deadlines.client == 700)
        deadlines.wait(for: .linger, until: 900)
        #expect(!deadlines.isClientLate && deadlines.clientTimeout == .linger && deadlines.client == 900)
    }

    @Test("With a new request, the same timeout counts again")
    func newRequest() {
        var deadlines = Deadlines()
        deadlines.wait(for: .body, until: 500)
        deadlines.clientRanOut()
        deadlines.beginExchange()
        #expect(!deadlines.isClientLate && deadlines.clientTimeout == nil && deadlines.client == .max)
    }
}
