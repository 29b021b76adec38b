import Testing
import WippyMessaging
import WippyRuntime
import WippySQL
import WippySQLQueue
import WippyValues

@testable import WippyVerification

@Suite("The books of verify crash")
struct CrashBooksTests {
    private func fate(
        _ request: String, isFinished: Bool = true, attempts: Int = 1, isDead: Bool = false, byCrashes: Bool = false
    ) -> MessageFate {
        MessageFate(
            mark: request, isFinished: isFinished, attempts: attempts, isDead: isDead, diedOfCrashes: byCrashes)
    }

    @Test("Each request that was accepted is in one column; one without a message is lost, and named")
    func columns() {
        let books = CrashBooks(
            accepted: ["once", "again", "there", "buried", "failed", "gone", "two"],
            fates: [
                fate("once"), fate("again", attempts: 3), fate("there", isFinished: false),
                fate("buried", isDead: true, byCrashes: true), fate("failed", isDead: true), fate("not answered"),
                fate("two"), fate("two", isFinished: false),
            ])
        #expect(books.accepted == 7)
        #expect(books.processedOnce == 1 && books.processedAgain == 1)
        #expect(books.stillThere == 2)
        #expect(books.deadLettered == 2 && books.unexpected == 1)
        #expect(books.lost == ["gone"])
    }

    @Test("The report names what is lost")
    func report() {
        let outcome = CrashVerification.Outcome(
            books: CrashBooks(accepted: ["a", "b"], fates: [fate("a")]), refusal: nil, kills: 3,
            delays: [.milliseconds(20), .milliseconds(30), .milliseconds(90)], integrity: [("x.db", "ok")])
        #expect(
            CrashReport(outcome, seed: 7).text == """
                kills            3
                accepted         2
                processed once   1
                processed again  0
                dead-lettered    0
                unexpected       0
                still there      0
                lost             1
                claimed again    median 30ms, longest 90ms, after 3 restarts
                integrity        ok (x.db)
                lost request     b
                seed             7
                """)
    }

    @Test("A message carries the request only while one is answered")
    func marks() {
        let message = Message(body: .null)
        let test = CrashTest("none")
        #expect(test.marked(message).headers.isEmpty)
        CrashTest.$request.withValue("r-1") {
            #expect(test.marked(message).headers == ["x_request_id": "r-1"])
        }
    }
}
