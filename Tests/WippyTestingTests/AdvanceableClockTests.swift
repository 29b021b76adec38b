import Testing
import WippyTesting

@Suite("A clock that runs and can be advanced")
struct AdvanceableClockTests {
    @Test("A negative advance does not move it")
    func negativeAdvance() {
        let clock = AdvanceableClock()
        let before = clock.now
        clock.advance(by: .seconds(-3))
        #expect(clock.now >= before)
    }
}
