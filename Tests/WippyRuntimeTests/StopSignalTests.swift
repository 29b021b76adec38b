import Synchronization
import Testing
import WippyRuntime

@Suite("A stop signal")
struct StopSignalTests {
    @Test("The deadline of the first firing counts, and an observer sees it")
    func deadline() {
        let signal = StopSignal()
        let seen = Mutex<[Duration?]>([signal.deadline])
        let observation = signal.onFire { seen.withLock { $0.append(signal.deadline) } }
        signal.fire(deadline: .seconds(3))
        signal.fire(deadline: .seconds(5))
        observation.end()
        #expect(signal.isFired)
        #expect(seen.withLock { $0 } == [nil, .seconds(3)])
    }
}
