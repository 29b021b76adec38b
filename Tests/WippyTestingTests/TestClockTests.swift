import Testing
import WippyRuntime
import WippyTesting

@Suite("Clocks of tests")
struct TestClockTests {
    @Test("A negative advance moves no clock")
    func negativeAdvance() {
        let standing = TestClock()
        standing.advance(by: .seconds(5))
        standing.advance(by: .seconds(-3))
        #expect(standing.now == .seconds(5))
        let running = AdvanceableClock()
        let before = running.now
        running.advance(by: .seconds(-3))
        #expect(running.now >= before)
    }
}
