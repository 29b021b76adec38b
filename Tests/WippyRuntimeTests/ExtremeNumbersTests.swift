import Testing
import WippyRuntime

@Suite("Numbers that code of others may give")
struct ExtremeNumbersTests {
    @Test("A delay of any parts is at least 0 and at most 100 years")
    func delays() {
        let numbers = [-Double.infinity, -1, 0, 0.5, 1, 1e300, .infinity, .nan]
        let times = [Duration.zero, .seconds(-1), .nanoseconds(1), .seconds(Int64.max), .seconds(Int64.min)]
        for (factor, jitter) in numbers.flatMap({ factor in numbers.map { (factor, $0) } }) {
            for (initial, most) in times.flatMap({ initial in times.map { (initial, $0) } }) {
                let backoff = Backoff(initial: initial, factor: factor, most: most, jitter: jitter)
                for step in [Int.min, -1, 0, 1, .max] {
                    let delay = backoff.delay(step, draw: 1)
                    #expect((.zero ... .seconds(3_153_600_000)).contains(delay), "\(backoff), \(step): \(delay)")
                }
            }
        }
    }
}
