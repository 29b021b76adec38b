import Synchronization
import Testing
import WippyTesting

@testable import WippyRuntime

@Suite("A stop signal", .timeLimit(.minutes(15)))
struct StopSignalTests {
    @Test("It lets all who wait go on, and who comes later does not wait")
    func fires() async {
        let signal = StopSignal()
        let waiters = (0..<10).map { _ in Task { await signal.wait() } }
        signal.fire()
        signal.fire()
        for waiter in waiters { await waiter.value }
        await signal.wait()
        #expect(signal.isFired)
    }

    @Test("A cancelled task does not wait, cancelled before or during it, and leaves nothing behind")
    func cancellation() async {
        for round in 0..<1000 {
            let signal = StopSignal()
            let waiter = Task { await signal.wait() }
            for _ in 0..<(round % 8) { await Task.yield() }
            waiter.cancel()
            await waiter.value
            #expect(!signal.isFired)
        }
    }

    @Test("Firing and cancelling at the same moment let a task go on once")
    func race() async {
        for _ in 0..<1000 {
            let signal = StopSignal()
            let waiter = Task { await signal.wait() }
            async let cancelled: Void = waiter.cancel()
            async let fired: Void = signal.fire()
            _ = await (cancelled, fired)
            await waiter.value
        }
    }

    @Test("An observer is called once, at once if the signal has fired, and not after its observation has ended")
    func observers() {
        let signal = StopSignal()
        let calls = Mutex<[Int]>([])
        let first = signal.onFire { calls.withLock { $0.append(1) } }
        let second = signal.onFire { calls.withLock { $0.append(2) } }
        second.end()
        signal.fire()
        signal.fire()
        let third = signal.onFire { calls.withLock { $0.append(3) } }
        first.end()
        third.end()
        #expect(calls.withLock { $0 } == [1, 3])
    }
}
