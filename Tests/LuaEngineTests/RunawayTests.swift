import Glibc
import LuaEngine
import Testing
import WippyTestTools

/// Scripts that never end, or that want everything: each ends in an error of its own call.
@Suite(.serialized) struct RunawayTests {
    static let endless = [
        "while true do end",
        "repeat until false",
        "::again:: goto again",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(error) end",
        "local function f() return 1 + f() end while true do pcall(f) end",
        "local function f() return f() end return f()",
        "local co = coroutine.create(function() while true do end end) return coroutine.resume(co)",
        "local f = coroutine.wrap(function() pcall(function() while true do end end) while true do end end) f()",
        "coroutine.spawn(function() while true do end end) channel.new():receive()",
        "while true do coroutine.wrap(function() end)() end",
        "table.sort({3, 2, 1}, function() while true do end end)",
        "setmetatable(_G, {__index = function() while true do end end}) return absent",
        "local t = setmetatable({}, {__add = function() while true do end end}) return t + 1",
        "local t = setmetatable({}, {__lt = function() while true do end end}) table.sort({t, t})",
        "local t = setmetatable({}, {__tostring = function() while true do end end}) return tostring(t)",
        "local t = setmetatable({}, {__tostring = function() while true do end end}) print(t)",
        "local t = setmetatable({}, {__tostring = function() while true do end end}) return string.format('%s', t)",
        "local t = setmetatable({}, {__concat = function() while true do end end}) return t .. 'x'",
        "local t = setmetatable({}, {__close = function() while true do end end}) for _ in next, {1}, nil, t do end",
        "local t = setmetatable({}, {__close = function() while true do end end}) pcall(function() for _ in next, {1}, nil, t do error('x') end end) while true do end",
        """
        local t = setmetatable({}, {__close = function() while true do end end})
        local co = coroutine.create(function() for _ in next, {1}, nil, t do coroutine.yield() end end)
        coroutine.resume(co)
        coroutine.close(co)
        while true do end
        """,
        "return ('x'):gsub('x', function() while true do end end)",
        "for w in (function() while true do end end) do end",
        "xpcall(function() while true do end end, function() while true do end end) while true do end",
        "xpcall(error, function(m) while true do end end)",
        "local a, b = channel.new(1), channel.new(1) a:send(1) coroutine.spawn(function() while true do b:send(a:receive()) end end) while true do a:send(b:receive()) end",
        "local t = {} for i = 1, 200000 do t[i] = (i * 7919) % 200003 end while true do table.sort(t) end",
        "local s = ('a'):rep(20000) while true do s:find('.-b') end",
        "local s = ('a'):rep(100000) while true do s:gsub('a', 'b') end",
        "while true do string.rep('x', 1000000) end",
        "local function f(...) return f(1, ...) end return f()",
    ]

    @Test(arguments: endless) func anEndlessScriptEnds(_ text: String) async throws {
        var limits = LuaEnvironment.Limits()
        limits.run = .milliseconds(60)
        let clock = ContinuousClock()
        let began = clock.now
        let failure = try await failure(text, limits: limits)
        #expect(failure.reason == .ranTooLong || failure.message.contains("pattern too complex"), "\(failure)")
        #expect(clock.now - began < .seconds(60))
    }

    @Test(arguments: [
        "while true do end", "while true do pcall(function() while true do end end) end",
        "coroutine.wrap(function() pcall(function() while true do end end) while true do end end)()",
    ]) func cancellationReachesWhoRuns(_ text: String) async throws {
        try await cancel(text)
    }

    @Test func theNextCallOfTheStateWorks() async throws {
        var limits = LuaEnvironment.Limits()
        limits.run = .milliseconds(30)
        let state = try LuaState(LuaEnvironment(limits: limits) { _, _ in })
        for _ in 0..<3 {
            await #expect(throws: LuaFailure.self) {
                _ = try await run("pcall(function() while true do end end)", in: state)
            }
            #expect(try await run("return 1 + 1", in: state) == [2])
        }
    }

    @Test func whatAFailedCallLeavesOpenEndsAtOnce() async throws {
        let text =
            "local t = setmetatable({}, {__close = function() while true do end end}) for _ in next, {1}, nil, t do error('x', 0) end"
        #expect(try await failure(text).message == "x")
        #expect(try await failure("coroutine.spawn(function() \(text)\nend) channel.new():receive()").message == "x")
    }

    @Test func aStateThatBreaksItsHardLimitIsLost() async throws {
        var limits = LuaEnvironment.Limits()
        limits.memory = 4 << 20
        let state = try LuaState(LuaEnvironment(limits: limits) { _, _ in })
        let operands = Array(repeating: "s", count: 100).joined(separator: "..")
        do {
            _ = try await run(
                "local s = ('x'):rep(1000000) pcall(function() return \(operands) end) return 1", in: state)
            Issue.record("it returned")
        } catch let failure as LuaFailure {
            #expect(failure.reason == .outOfMemory)
        }
        #expect(!state.isUsable)
        await #expect(throws: LuaFailure.self) { _ = try await run("return 1", in: state) }
    }

    @Test func aTableThatHoldsItselfManyTimesIsTooLarge() async throws {
        let failure = try await failure("local t = {} for i = 1, 60 do t = {t, t} end return t")
        #expect(failure.message.contains("too large"))
    }

    static let greedy = [
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do t[#t + 1] = {} end",
        "local t = {} for i = 1, 1e9 do t[i] = i end",
        "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end",
        "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
        "local s = ('x'):rep(1000000) return table.concat({s, s, s, s, s, s, s, s, s, s}, s:rep(8))",
        "return ('x'):rep(1e10)",
        "return ('x'):rep(1e9, 'y')",
        "local s = ('x'):rep(1e6) return s:gsub('x', ('y'):rep(1e6))",
    ]

    @Test(arguments: greedy) func whoWantsTooMuchMemoryFails(_ text: String) async throws {
        var limits = LuaEnvironment.Limits()
        limits.memory = 8 << 20
        limits.run = .seconds(20)
        let failure = try await failure(text, limits: limits)
        #expect(
            failure.message.contains("not enough memory") || failure.message.contains("too large")
                || failure.message.contains("stack overflow"), "\(failure)")
    }

    @Test(arguments: greedy) func soDoesWhoCatchesIt(_ text: String) async throws {
        var limits = LuaEnvironment.Limits()
        limits.memory = 8 << 20
        limits.run = .seconds(20)
        let state = try LuaState(LuaEnvironment(limits: limits) { _, _ in })
        let results = try await run("return (pcall(function() \(text)\nend))", in: state)
        #expect(results == [false])
        #expect(state.memoryUsed < 40 << 20)
        if state.isUsable { #expect(try await run("return 1", in: state) == [1]) }
    }

    static let deep = [
        "local function f() return 1 + f() end return f()",
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x",
        "local function f() return pcall(f) end return f()",
        "local function f() local ok, e = pcall(f) error(e, 0) end f()",
        "local function f() return coroutine.wrap(f)() end return f()",
        "local function f(s) return (s:gsub('.', f)) end return f('x')",
        "local function f() table.sort({1, 2}, f) end f()",
        "local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) return tostring(t) end return tostring(t)",
        "return (" + String(repeating: "(", count: 150) + "1" + String(repeating: ")", count: 150) + ")",
        "local s = ('('):rep(100000) return s:find(s)",
        "return ('a'):rep(1000000):find(('a?'):rep(100000) .. ('a'):rep(100000))",
        "return string.format('%99999999d', 1)",
        "return string.format('%.99999999f', 1)",
        "return ('c1000000000'):pack('x')",
        "return table.unpack({}, 1, 1e9)",
        "return table.unpack({}, -9223372036854775808, 9223372036854775807)",
        "return table.concat({}, 'x', 1, 1e15)",
        "return table.move({}, 1, 1e15, 2)",
        "return table.insert({}, 1e15, 1)",
        "return table.concat(setmetatable({}, {__len = function() return 1e15 end}))",
        "return select(-1e15, 1)",
        "return ('x'):byte(1, 1e15)",
    ]

    @Test(arguments: deep) func whatIsDeepOrHugeEnds(_ text: String) async throws {
        var limits = LuaEnvironment.Limits()
        limits.run = .seconds(5)
        let state = try LuaState(LuaEnvironment(limits: limits) { _, _ in })
        _ = try await run("return (pcall(function() \(text)\nend))", in: state)
        #expect(try await run("return 1", in: state) == [1])
    }

    @Test func aNeighbourKeepsAnsweringMeanwhile() async throws {
        var limits = LuaEnvironment.Limits()
        limits.run = .milliseconds(300)
        let environment = LuaEnvironment(limits: limits) { _, _ in }
        let loop = try SerialThread()
        let clock = ContinuousClock()
        let runaway = Task(executorPreference: loop) {
            let state = try LuaState(environment)
            _ = try await run("while true do end", in: state)
        }
        let neighbour = Task(executorPreference: loop) {
            let state = try LuaState(environment)
            var longest = Duration.zero
            let began = clock.now
            while clock.now - began < .milliseconds(250) {
                let asked = processorTimeOfThread()
                _ = try await run("return 1", in: state)
                longest = max(longest, processorTimeOfThread() - asked)
                await Task.yield()
            }
            return longest
        }
        #expect(try await neighbour.value < .milliseconds(100))
        await #expect(throws: LuaFailure.self) { try await runaway.value }
    }

    @Test func aLongRunLeavesTheExecutorAndComesBack() async throws {
        let module = LuaModule(
            "host",
            [
                .function("thread") { stack in
                    stack.push(Int(truncatingIfNeeded: UInt(pthread_self())))
                    return .one
                }
            ])
        let environment = LuaEnvironment(modules: [module]) { _, _ in }
        let loop = try SerialThread()
        try await Task(executorPreference: loop) {
            let own = Int(truncatingIfNeeded: UInt(pthread_self()))
            let state = try LuaState(environment)
            let results = try await run(
                """
                local first, seen = host.thread(), {}
                for i = 1, 1e9 do
                    local now = host.thread()
                    if now ~= first then return first, now end
                end
                """, in: state)
            #expect(results[0] == .integer(own))
            #expect(results[1] != .integer(own))
            #expect(Int(truncatingIfNeeded: UInt(pthread_self())) == own)
        }.value
    }
}
