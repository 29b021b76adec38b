import Testing
import WippyDefinition
import WippyMessaging

@Suite("The delay before a message is tried again")
struct QueueRetryTests {
    /// The delays without jitter, except where the closure sets it.
    private func retry(_ change: (inout QueueRetry) -> Void = { _ in }) -> QueueRetry {
        var retry = QueueRetry.standard
        retry.jitter = 0
        change(&retry)
        return retry
    }

    @Test("The first retry is at once, the next ones after 100 ms, doubled up to the most")
    func defaultCurve() {
        let retry = retry()
        let delays = (1...12).map { retry.delay(afterAttempt: $0, draw: 0.5) }
        let milliseconds = [0, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]
        #expect(delays == milliseconds.map { .milliseconds($0) })
    }

    @Test("A written initial delay is the first one")
    func initialDelay() {
        let retry = retry {
            ($0.initialDelay, $0.maxDelay, $0.backoffFactor) = (.seconds(1), .seconds(10), 3)
        }
        let delays = (1...4).map { retry.delay(afterAttempt: $0, draw: 0.5) }
        #expect(delays == [.seconds(1), .seconds(3), .seconds(9), .seconds(10)])
    }

    @Test("Jitter moves the delay by its part at most, in either direction")
    func jitter() {
        let retry = retry { ($0.initialDelay, $0.jitter) = (.seconds(1), 0.5) }
        #expect(retry.delay(afterAttempt: 1, draw: 0) == .milliseconds(500))
        #expect(retry.delay(afterAttempt: 1, draw: 0.5) == .seconds(1))
        #expect(retry.delay(afterAttempt: 1, draw: 1) == .milliseconds(1500))
    }

    @Test("A million attempts still have a delay")
    func manyAttempts() {
        let retry = retry { $0.backoffFactor = 100 }
        #expect(retry.delay(afterAttempt: 1_000_000, draw: 0.5) == .seconds(30))
        #expect(retry.delay(afterAttempt: .max, draw: 0.5) == .seconds(30))
    }
}
