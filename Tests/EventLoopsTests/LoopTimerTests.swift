import EventLoops
import Testing

struct LoopTimerTests {
    /// Makes a timer on a loop and hands it to the test there; it reports each firing with the loop's time.
    private func withTimer(
        _ body: @escaping @Sendable (LoopTimer, EventLoop) -> Void,
        then check: (Events<UInt64>, EventLoop) async throws -> Void
    ) async throws {
        try await withLoops(1) { group in
            let loop = group.next()
            let fired = Events<UInt64>()
            loop.execute {
                let timer = LoopTimer(on: loop) {
                    #expect(loop.isCurrent)
                    fired.append(loop.nowMilliseconds)
                }
                body(timer, loop)
            }
            try await check(fired, loop)
        }
    }

    /// Runs a second timer to its end, as a clock that shares nothing with the first but the loop.
    private func wait(_ delay: Duration, on loop: EventLoop) async throws {
        let passed = Events<Int>()
        loop.execute { LoopTimer(on: loop) { passed.append(1) }.schedule(after: delay) }
        try await passed.wait(forCount: 1)
    }

    @Test("A deadline fires once and never early")
    func firesOnce() async throws {
        let began = Events<UInt64>()
        try await withTimer { timer, loop in
            began.append(loop.nowMilliseconds)
            timer.schedule(after: .microseconds(20_500))
            #expect(timer.isScheduled)
        } then: { fired, loop in
            let moment = try await fired.wait(forCount: 1)[0]
            #expect(moment >= began.all[0] + 21)
            try await wait(.milliseconds(60), on: loop)
            #expect(fired.all.count == 1)
        }
    }

    @Test("A deadline that is moved later, again and again, fires at the last one only")
    func movedLater() async throws {
        let began = Events<UInt64>()
        try await withTimer { timer, loop in
            began.append(loop.nowMilliseconds)
            for milliseconds in 10...120 { timer.schedule(after: .milliseconds(milliseconds)) }
        } then: { fired, loop in
            let moment = try await fired.wait(forCount: 1)[0]
            #expect(moment >= began.all[0] + 120)
            try await wait(.milliseconds(50), on: loop)
            #expect(fired.all.count == 1)
        }
    }

    @Test("A deadline that is moved earlier fires then")
    func movedEarlier() async throws {
        try await withTimer { timer, _ in
            timer.schedule(after: .seconds(1_000_000))
            timer.schedule(after: .milliseconds(5))
        } then: { fired, _ in
            try await fired.wait(forCount: 1)
        }
    }

    @Test("A cancelled deadline does not fire, and the timer can be used again")
    func cancelled() async throws {
        let moments = Events<UInt64>()
        try await withTimer { timer, loop in
            timer.schedule(after: .milliseconds(10))
            timer.cancel()
            #expect(!timer.isScheduled)
            let again = LoopTimer(on: loop) {
                moments.append(loop.nowMilliseconds)
                timer.schedule(after: .milliseconds(1))
            }
            again.schedule(after: .milliseconds(40))
        } then: { fired, _ in
            let moment = try await fired.wait(forCount: 1)[0]
            #expect(moment > moments.all[0])
        }
    }

    @Test("A closed timer never fires, lets go of its closure, and may be closed again")
    func closed() async throws {
        final class Witness: Sendable {
            let gone: Events<Int>
            init(_ gone: Events<Int>) { self.gone = gone }
            deinit { gone.append(1) }
        }
        let gone = Events<Int>()
        try await withLoops(1) { group in
            let loop = group.next()
            loop.execute {
                let witness = Witness(gone)
                let timer = LoopTimer(on: loop) { Issue.record("fired with \(witness)") }
                timer.schedule(after: .zero)
                timer.close()
                timer.close()
                timer.schedule(after: .zero)
                timer.cancel()
            }
            try await gone.wait(forCount: 1)
            try await wait(.milliseconds(10), on: loop)
        }
    }

    @Test("Delays beyond all bounds neither trap nor fire", arguments: [Duration.seconds(Int64.max), .seconds(-1)])
    func extremes(delay: Duration) async throws {
        try await withTimer { timer, _ in
            timer.schedule(after: delay)
        } then: { fired, loop in
            try await wait(.milliseconds(10), on: loop)
            #expect(fired.all.count == (delay < .zero ? 1 : 0))
        }
    }
}
