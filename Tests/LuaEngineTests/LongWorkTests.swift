import Glibc
import LuaEngine
import Testing

/// Host functions that take long, and objects that hold much.
@Suite(.serialized) struct LongWorkTests {
    /// Counts to a number in a loop that asks whether it must stop, and tells on which threads it has begun.
    private static func module(_ threads: ThreadNumbers) -> LuaModule {
        LuaModule(
            "host",
            [
                .function("count") { stack in
                    threads.note()
                    var count = 0
                    let end = try stack.checkInteger(at: 1)
                    while count < end {
                        count += 1
                        if stack.mustStop { throw LuaRaise("nobody sees this") }
                    }
                    stack.push(count)
                    return .one
                },
                .function("hold") { stack in
                    stack.push(Holder(), as: Holder.type, holding: 1 << 20)
                    return .one
                },
                .function("keep") { stack in
                    stack.push(Holder(), as: Holder.keepingType)
                    return .one
                },
            ])
    }

    private final class Holder {
        static let type = LuaObjectType<Holder>("test.Holder")
        static let keepingType = LuaObjectType<Holder>("test.Keeper", keepsArguments: true)
    }

    @Test func whatTakesLongBeginsAnewInThePool() async throws {
        let threads = ThreadNumbers()
        let environment = LuaEnvironment(modules: [Self.module(threads)], limits: .unhurried) { _, _ in }
        let loop = try SerialThread()
        try await Task(executorPreference: loop) {
            let own = Int(truncatingIfNeeded: UInt(pthread_self()))
            let state = try LuaState(environment)
            #expect(try await run("return host.count(10)", in: state) == [10])
            #expect(threads.all == [own])
            #expect(try await run("return host.count(100000000)", in: state) == [100_000_000])
            #expect(threads.all.count == 3 && threads.all[1] == own && threads.all[2] != own)
        }.value
    }

    @Test func itEndsWhenTheTimeIsUp() async throws {
        var limits = LuaEnvironment.Limits()
        limits.run = .milliseconds(60)
        let text = "while true do pcall(host.count, math.maxinteger) end"
        let failure = try await failure(text, modules: [Self.module(ThreadNumbers())], limits: limits)
        #expect(failure.reason == .ranTooLong)
    }

    @Test(arguments: [
        "local t = {} while true do t[#t + 1] = host.hold() end",
        "local t, s = {}, ('x'):rep(1 << 20) while true do t[#t + 1] = host.keep(s) end",
        "local t, s = {}, ('x'):rep(1 << 20) while true do t[#t + 1] = host.keep({a = {s}}) end",
        "local t, s = {}, ('x'):rep(1 << 20) while true do t[#t + 1] = errors.new(s) end",
        "local e = errors.new('x') while true do e = errors.wrap(e, ('y'):rep(1 << 16)) end",
    ]) func objectsCountForTheirState(_ text: String) async throws {
        var limits = LuaEnvironment.Limits.unhurried
        limits.memory = 16 << 20
        let failure = try await failure(text, modules: [Self.module(ThreadNumbers())], limits: limits)
        #expect(failure.message.contains("not enough memory"), "\(failure)")
    }

    @Test func objectsThatAreGoneDoNotCount() async throws {
        var limits = LuaEnvironment.Limits.unhurried
        limits.memory = 16 << 20
        let text = "for i = 1, 1000 do host.hold() end return true"
        #expect(try await run(text, modules: [Self.module(ThreadNumbers())], limits: limits) == [true])
    }

    @Test(arguments: [
        "local c = channel.new(10) c:send(('x'):rep(1 << 20))",
        "local c = channel.new() c:case_send(('x'):rep(1 << 20))",
        "local c = channel.new() coroutine.spawn(function() c:send(('x'):rep(1 << 20)) end) coroutine.spawn(function() end)",
    ]) func whatAChannelHoldsGoesWithIt(_ text: String) async throws {
        var limits = LuaEnvironment.Limits.unhurried
        limits.memory = 8 << 20
        let state = try LuaState(LuaEnvironment(limits: limits) { _, _ in })
        for number in 0..<40 {
            #expect(try await run("\(text) return \(number)", in: state) == [.integer(number)])
        }
        #expect(try await run("for i = 1, 40 do \(text) end return 1", in: state) == [1])
    }

    @Test func aLongErrorIsCut() async throws {
        for text in ["error(('x'):rep(1 << 20), 0)", "error(errors.new(('x'):rep(1 << 20)))"] {
            let failure = try await failure(text, limits: .unhurried)
            #expect(failure.message.utf8.count < 20_000 && failure.message.hasPrefix("xxxx"))
            #expect(failure.message.hasSuffix("…"))
        }
    }

    @Test func numbersAtTheirEdgesAreNoTrap() async throws {
        #expect(try await run("return (pcall(select, math.mininteger, 1))") == [false])
        #expect(try await run("return select(-1, 1, 2)") == [2])
    }
}

/// The threads on which something has been, in order.
///
/// `@unchecked Sendable`: a state is on one thread at a time.
private final class ThreadNumbers: @unchecked Sendable {
    private(set) var all: [Int] = []

    func note() { all.append(Int(truncatingIfNeeded: UInt(pthread_self()))) }
}
