import Testing
import WippyTestTools

@Suite("A clock that stands still")
struct TestClockTests {
    @Test("A negative advance does not move it")
    func negativeAdvance() {
        let clock = TestClock()
        clock.advance(by: .seconds(5))
        clock.advance(by: .seconds(-3))
        #expect(clock.now == .seconds(5))
    }
}
