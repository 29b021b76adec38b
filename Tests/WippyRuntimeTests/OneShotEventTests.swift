import Synchronization
import Testing
import WippyTesting

@testable import WippyRuntime

@Suite("A one-shot event", .timeLimit(.minutes(15)))
struct OneShotEventTests {
    @Test("It lets all who wait go on, and who comes later does not wait")
    func fires() async {
        let event = OneShotEvent()
        let waiters = (0..<10).map { _ in Task { await event.wait() } }
        event.fire()
        event.fire()
        for waiter in waiters { await waiter.value }
        await event.wait()
        #expect(event.isFired)
    }

    @Test("A cancelled task does not wait, cancelled before or during it, and leaves nothing behind")
    func cancellation() async {
        for round in 0..<1000 {
            let event = OneShotEvent()
            let waiter = Task { await event.wait() }
            for _ in 0..<(round % 8) { await Task.yield() }
            waiter.cancel()
            await waiter.value
            #expect(!event.isFired)
        }
    }

    @Test("Firing and cancelling at the same moment let a task go on once")
    func race() async {
        for _ in 0..<1000 {
            let event = OneShotEvent()
            let waiter = Task { await event.wait() }
            async let cancelled: Void = waiter.cancel()
            async let fired: Void = event.fire()
            _ = await (cancelled, fired)
            await waiter.value
        }
    }

    @Test("An observer is called once, at once if the event has fired, and not after its observation has ended")
    func observers() {
        let event = OneShotEvent()
        let calls = Mutex<[Int]>([])
        let first = event.onFire { calls.withLock { $0.append(1) } }
        let second = event.onFire { calls.withLock { $0.append(2) } }
        second.end()
        event.fire()
        event.fire()
        let third = event.onFire { calls.withLock { $0.append(3) } }
        first.end()
        third.end()
        #expect(calls.withLock { $0 } == [1, 3])
    }
}
