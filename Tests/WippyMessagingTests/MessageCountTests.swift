import Testing
import WippyMessaging

@Suite("The number of messages in a queue")
struct MessageCountTests {
    @Test("The sum of any counts is a number")
    func counts() {
        #expect(MessageCount(ready: .max, delayed: 1, claimed: .max).total == .max)
        #expect(MessageCount(ready: -5, delayed: 2, claimed: .min).total == 2)
    }
}
