import Testing

@testable import WippyMessaging

@Suite("The rates of a queue")
struct RateWindowTests {
    @Test("A rate is the mean of the last minute, or of the time since the queue was made")
    func rate() {
        let window = RateWindow(since: .seconds(100))
        window.add(3, at: .seconds(100))
        #expect(window.perSecond(at: .milliseconds(100_200)) == 3)
        #expect(window.perSecond(at: .seconds(110)) == 0.3)
        window.add(57, at: .milliseconds(129_500))
        #expect(window.perSecond(at: .seconds(130)) == 2)
        // Of the last minute the first three are not any more.
        #expect(window.perSecond(at: .milliseconds(160_000)) == 57 / 59.0)
        #expect(window.perSecond(at: .seconds(189)) == 0)
        #expect(window.perSecond(at: .seconds(100_000)) == 0)
    }
}
