import EventLoops
import Glibc
import Testing
import WippyTestClient

struct EventLoopTests {
    @Test("Work runs in the order in which it came, and never inside the call that queues it")
    func order() async throws {
        try await withLoops(1) { group in
            let loop = group.next()
            let order = Events<Int>()
            loop.execute {
                order.append(0)
                for number in 2..<5_000 { loop.execute { order.append(number) } }
                order.append(1)
            }
            let all = try await order.wait(forCount: 5_000)
            #expect(all == Array(0..<5_000))
        }
    }

    @Test("Tasks on a loop run in the order in which they were started there")
    func taskOrder() async throws {
        try await withLoops(1) { group in
            let loop = group.next()
            let order = Events<Int>()
            loop.execute {
                for number in 0..<1_000 {
                    Task(executorPreference: loop) { order.append(number) }
                }
            }
            let all = try await order.wait(forCount: 1_000)
            #expect(all == Array(0..<1_000))
        }
    }

    @Test("Work from many threads all runs, on the loop, each thread's in its order")
    func fromOtherThreads() async throws {
        try await withLoops(1) { group in
            let loop = group.next()
            let seen = Events<[Int]>()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for thread in 0..<8 {
                    tasks.addTask {
                        try await onThread {
                            #expect(EventLoop.current == nil)
                            for number in 0..<500 {
                                loop.execute {
                                    if EventLoop.current === loop { seen.append([thread, number]) }
                                }
                            }
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            let all = try await seen.wait(forCount: 4_000)
            for thread in 0..<8 {
                #expect(all.filter { $0[0] == thread }.map { $0[1] } == Array(0..<500))
            }
        }
    }

    @Test("Children stay on the loop after a sleep and after a continuation that was resumed elsewhere")
    func childrenStay() async throws {
        try await withLoops(2) { group in
            let loop = group.next()
            let strays = await withTaskExecutorPreference(loop) {
                await withTaskGroup(of: Int.self) { tasks in
                    for _ in 0..<20 {
                        tasks.addTask { await Self.countStrays(from: loop) }
                    }
                    return await tasks.reduce(0, +)
                }
            }
            #expect(strays == 0)
        }
    }

    /// Waits in every way there is, and counts how often it comes back somewhere else.
    private static func countStrays(from loop: EventLoop) async -> Int {
        var strays = 0
        func check() { strays += EventLoop.current === loop && loop.isCurrent ? 0 : 1 }
        check()
        try? await Task.sleep(for: .milliseconds(2))
        check()
        await withCheckedContinuation { continuation in
            Task.detached { continuation.resume() }
        }
        check()
        _ = try? await onThread { 1 }
        check()
        await Task.yield()
        check()
        await Counter().count()
        check()
        async let child = EventLoop.current === loop
        strays += await child ? 0 : 1
        return strays
    }

    private actor Counter {
        private var value = 0
        func count() { value += 1 }
    }

    @Test("Tasks that never rest leave sockets and timers their turn")
    func fairness() async throws {
        try await withServer(loops: 1, accept: EchoHandler.serve) { listener, group in
            let loop = group.next()
            let busy = (0..<3).map { _ in
                Task(executorPreference: loop) {
                    while !Task.isCancelled { await Task.yield() }
                }
            }
            let fired = Events<Int>()
            loop.execute { LoopTimer(on: loop) { fired.append(1) }.schedule(after: .milliseconds(5)) }
            #expect(try await onThread { try TestClient(to: listener.localAddress).echo("still here") } == "still here")
            try await fired.wait(forCount: 1)
            for task in busy { task.cancel() }
            for task in busy { await task.value }
        }
    }

    /// Holds up the calling loop for longer than a turn may take.
    ///
    /// A loop measures its turns by libuv's clock, which a test cannot advance. So this takes real time.
    private static func holdUp() { usleep(useconds_t(heldUp / .microseconds(1))) }

    private static let heldUp = EventLoop.stallThreshold * 1.5

    @Test("A turn that takes too long is reported with its length")
    func stall() async throws {
        let stalls = Events<Duration>()
        let group = try EventLoopGroup(count: 1) { loop, duration, _ in
            if loop.isCurrent { stalls.append(duration) }
        }
        group.next().execute { Self.holdUp() }
        let duration = try await stalls.wait(forCount: 1)[0]
        #expect(duration > EventLoop.stallThreshold)
        #expect(duration < .seconds(20))
        await group.shutDown()
    }

    @Test("Waiting is no stall")
    func waitingIsNoStall() async throws {
        /// A turn that took too long, by the loop's own time.
        struct Turn { let began, ended: UInt64 }
        let stalls = Events<Turn>()
        let group = try EventLoopGroup(count: 1) { loop, duration, _ in
            let now = loop.nowMilliseconds
            stalls.append(Turn(began: now - UInt64(duration / .milliseconds(1)), ended: now))
        }
        let loop = group.next()
        let wait = EventLoop.stallThreshold * 3
        let times = Events<UInt64>()
        loop.execute {
            times.append(loop.nowMilliseconds)
            LoopTimer(on: loop) {
                times.append(loop.nowMilliseconds)
                Self.holdUp()
            }.schedule(after: wait)
            // So that the wait begins later than this turn, by the loop's time as well.
            usleep(5_000)
        }
        let moments = try await times.wait(forCount: 2)
        let (scheduled, due) = (moments[0], moments[0] + UInt64(wait / .milliseconds(1)))
        let turns = try await stalls.wait {
            $0.contains { $0.ended >= moments[1] + UInt64(Self.heldUp / .milliseconds(1)) }
        }
        await group.shutDown()
        // A busy machine may hold up any turn, but none begins during the wait, and the timer's begins after it.
        #expect(turns.allSatisfy { $0.began <= scheduled || $0.began >= due })
        #expect(try #require(turns.last).began >= due)
    }
}
