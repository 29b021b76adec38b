import Glibc
import LuaEngine
import Synchronization
import Testing

/// Operations that run beside the coroutines of a call.
@Suite("Background operations", .timeLimit(.minutes(15)))
struct BackgroundTests {
    /// `@unchecked Sendable`: only the thread that runs the script uses it.
    private final class Running: @unchecked Sendable {
        var operation: LuaBackground?
    }

    private static func ownThread() -> UInt { UInt(pthread_self()) }

    @Test("They run on the executor of their call, before and after a wait")
    func executor() async throws {
        let threads = Mutex<[UInt]>([])
        let module = LuaModule(
            "host",
            [
                .function("begin") { stack in
                    let channel = LuaChannel(capacity: 1)
                    try stack.state.runInBackground {
                        threads.withLock { $0.append(Self.ownThread()) }
                        try await Task.sleep(for: .microseconds(1))
                        threads.withLock { $0.append(Self.ownThread()) }
                    } then: { stack, _ in
                        stack.push(1)
                        channel.send(fromTopOf: stack)
                    }
                    stack.push(channel)
                    return .one
                }
            ])
        let loop = try SerialThread()
        try await Task(executorPreference: loop) {
            let own = Self.ownThread()
            let results = try await run("return host.begin():receive()", modules: [module])
            #expect(results == [1, true])
            #expect(threads.withLock { $0 } == [own, own])
        }.value
    }

    @Test("An operation that a script cancels ends while the call goes on")
    func cancelling() async throws {
        let (ends, end) = AsyncStream<Void>.makeStream()
        let running = Running()
        let module = LuaModule(
            "host",
            [
                .function("begin") { stack in
                    running.operation = try stack.state.runInBackground {
                        try? await Task.sleep(for: .seconds(3600))
                        end.yield()
                    } then: { _, _ in
                        Issue.record("a cancelled operation has finished")
                    }
                    return .none
                },
                .function("wait") { _ in
                    .wait {
                        1
                    } then: { stack, result in
                        stack.push(try result.get())
                        return .one
                    }
                },
                .function("cancel") { _ in
                    running.operation?.cancel()
                    return .wait {
                        for await _ in ends { break }
                        return 2
                    } then: { stack, result in
                        stack.push(try result.get())
                        return .one
                    }
                },
            ])
        let text = "host.begin() return host.wait(), host.cancel()"
        #expect(try await run(text, modules: [module]) == [1, 2])
    }
}
