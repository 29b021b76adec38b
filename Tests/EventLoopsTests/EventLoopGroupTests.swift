import EventLoops
import Testing
import WippyTestClient

struct EventLoopGroupTests {
    @Test("The loops come in turn, and there is at least one", arguments: [(-3, 1), (0, 1), (1, 1), (3, 3)])
    func turns(asked: Int, got: Int) async throws {
        try await withLoops(asked) { group in
            #expect(group.loops.map(\.index) == Array(0..<got))
            let dealt = (0..<got * 4).map { _ in group.next().index }
            for index in 0..<got { #expect(dealt.filter { $0 == index }.count == 4) }
        }
    }

    @Test("Unless told otherwise there are loops for the cores of the machine")
    func defaultCount() async throws {
        let group = try EventLoopGroup()
        #expect(group.loops.count >= 1)
        await group.shutDown()
    }

    @Test("A shut-down closes what is open, tells each handler once, and is legal again and at once")
    func openConnections() async throws {
        let events = Events<Told>()
        let group = try EventLoopGroup(count: 2)
        let listener = try await Listener(on: .loopback(), group: group)
        let bytes = pattern(4_000_000)
        listener.start { connection in
            connection.handler = ReportingHandler(connection, events)
            connection.write(bytes)
            connection.startReading()
            LoopTimer(on: connection.loop) { Issue.record("fired") }.schedule(after: .seconds(1000))
        }
        let clients = try (0..<20).map { _ in try TestClient(to: listener.localAddress, receiveBuffer: 65_536) }
        for client in clients { _ = try await onThread { try client.receive(exactly: 1) } }
        async let first: Void = group.shutDown()
        async let second: Void = group.shutDown()
        _ = await (first, second)
        await group.shutDown()
        #expect(events.all.filter { $0 == .closed(.shutDown) }.count == 20)
        #expect(listener.openConnections == 0)
    }

    @Test("A task on a loop may shut its own group down, and goes on elsewhere")
    func fromALoop() async throws {
        let group = try EventLoopGroup(count: 2)
        let task = Task(executorPreference: group.next()) {
            let wasOnLoop = EventLoop.current != nil
            await group.shutDown()
            return (wasOnLoop, EventLoop.current == nil)
        }
        #expect(await task.value == (true, true))
    }

    @Test("A task that outlives its loop still finishes; a body that comes too late is refused")
    func afterTheEnd() async throws {
        let group = try EventLoopGroup(count: 1)
        let loop = group.next()
        let (signal, continuation) = AsyncStream.makeStream(of: Int.self)
        let task = Task(executorPreference: loop) {
            var sum = 0
            for await value in signal { sum += value }
            return sum
        }
        continuation.yield(1)
        await group.shutDown()
        continuation.yield(2)
        continuation.finish()
        #expect(await task.value == 3)
        #expect(!loop.execute { Issue.record("ran after the end") })
        #expect(await Task(executorPreference: loop) { 4 }.value == 4)
    }

    @Test("A task that never gives way for good does not keep its loop from ending")
    func endlessTask() async throws {
        let group = try EventLoopGroup(count: 1)
        let task = Task(executorPreference: group.next()) {
            while !Task.isCancelled { await Task.yield() }
        }
        await group.shutDown()
        task.cancel()
        await task.value
    }

    @Test("Starting and ending, over and over, with work in flight loses none of it")
    func rounds() async throws {
        for _ in 0..<50 {
            let group = try EventLoopGroup(count: 2)
            let results = await withTaskGroup(of: Int.self) { tasks in
                for value in 1...20 {
                    tasks.addTask(executorPreference: group.next()) {
                        await Task.yield()
                        return value
                    }
                }
                await group.shutDown()
                return await tasks.reduce(0, +)
            }
            #expect(results == 210)
        }
    }
}
