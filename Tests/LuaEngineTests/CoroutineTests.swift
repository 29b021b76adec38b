import Testing

@testable import LuaEngine

@Suite struct CoroutineTests {
    /// `host.sleep(ms)` suspends, `host.now()` answers at once but by a wait, `host.fail()` fails after a wait.
    static let module = LuaModule(
        "host",
        [
            .function("sleep") { stack in
                let time = try stack.checkInteger(at: 1)
                return .wait {
                    try await Task.sleep(for: .milliseconds(time))
                } then: { stack, result in
                    switch result {
                    case .success: stack.push(try stack.checkInteger(at: 1))
                    case .failure(let error): return stack.fail(LuaError(error))
                    }
                    return .one
                }
            },
            .function("now") { _ in
                .wait {
                    1
                } then: { stack, result in
                    stack.push(try result.get())
                    return .one
                }
            },
            .function("fail") { _ in
                .wait {
                    throw LuaError(kind: "Timeout", "late")
                } then: { stack, result in
                    try result.get()
                    return .none
                }
            },
            .function("after") { stack in
                let time = try stack.checkInteger(at: 1)
                let channel = LuaChannel(capacity: 1)
                try stack.state.runInBackground {
                    try await Task.sleep(for: .milliseconds(time))
                } then: { stack, _ in
                    stack.push(time)
                    channel.send(fromTopOf: stack)
                }
                stack.push(channel)
                return .one
            },
        ])

    static let cases: [(String, [LuaValue])] = [
        ("return host.sleep(1) + host.now()", [2]),
        ("return pcall(host.fail)", [false, "late"]),
        // Through pcall, metamethods, iterators, coroutines, sort, gsub.
        ("return pcall(function() return host.now() end)", [true, 1]),
        ("return setmetatable({}, {__index = function() return host.now() end}).x", [1]),
        ("return setmetatable({}, {__add = function() return host.now() end}) + 1", [1]),
        (
            "local n = 0 for i in function(_, i) if i < 3 then return i + host.now() end end, nil, 0 do n = n + i end return n",
            [6]
        ),
        ("return coroutine.wrap(function() return host.now() end)()", [1]),
        (
            "local co = coroutine.create(function() coroutine.yield(host.now()) return host.now() + 1 end) local _, a = coroutine.resume(co) local _, b = coroutine.resume(co) return a, b, coroutine.status(co)",
            [1, 2, "dead"]
        ),
        ("return coroutine.wrap(function() return coroutine.wrap(function() return host.now() + 4 end)() end)()", [5]),
        (
            "local t = {3, 1, 2} table.sort(t, function(a, b) host.now() return a < b end) return t[1], t[2], t[3]",
            [1, 2, 3]
        ),
        ("return ('ab'):gsub('%w', function(c) return c .. host.now() end)", ["a1b1", 2]),
        ("return tostring(setmetatable({}, {__tostring = function() return 'x' .. host.now() end}))", ["x1"]),
        (
            "return string.format('%s', setmetatable({}, {__tostring = function() return 'x' .. host.now() end}))",
            ["x1"]
        ),
        // Spawned coroutines and channels.
        (
            "local c = channel.new() coroutine.spawn(function() c:send(host.sleep(5)) end) return c:receive()",
            [5, true]
        ),
        (
            "local c = channel.new(2) c:send(1) c:send(2) c:close() return c:receive(), select(1, c:receive()), c:receive()",
            [1, 2, .nil, false]
        ),
        (
            "local a, b = channel.new(), channel.new() coroutine.spawn(function() b:send('x') end) local r = channel.select{a:case_receive(), b:case_receive()} return r.channel == b, r.value, r.ok",
            [true, "x", true]
        ),
        (
            "local a = channel.new() local r = channel.select{a:case_receive(), default = true} return r.default, r.ok",
            [true, true]
        ),
        (
            "local a = channel.new() local t = host.after(5) local r = channel.select{a:case_receive(), t:case_receive()} return r.channel == t, r.value",
            [true, 5]
        ),
        (
            "local c = channel.new() coroutine.spawn(function() for i = 1, 3 do c:send(i) end c:close() end) local n = 0 while true do local v, ok = c:receive() if not ok then break end n = n + v end return n",
            [6]
        ),
        ("local c = channel.new() c:close() return pcall(c.send, c, 1)", [false, "send on closed channel"]),
        (
            "local c = channel.new() coroutine.spawn(function() local ok, e = pcall(c.send, c, 1) d = ok end) coroutine.spawn(function() c:close() end) host.sleep(1) return d",
            [false]
        ),
        // A spawned coroutine cannot be resumed by a script, and neither can one that waits for the host.
        (
            "local co = coroutine.spawn(function() host.sleep(5) end) return coroutine.resume(co)",
            [false, "cannot resume non-suspended coroutine"]
        ),
        (
            "local co = coroutine.create(function() host.sleep(5) end) local r coroutine.spawn(function() r = {coroutine.resume(co)} end) coroutine.resume(co) host.sleep(1) return r[1]",
            [false]
        ),
        ("return pcall(coroutine.yield)", [false, "attempt to yield from outside a coroutine"]),
        (
            "local co = coroutine.create(function() end) coroutine.resume(co) return coroutine.resume(co)",
            [false, "can not resume a dead thread"]
        ),
        ("return pcall(coroutine.wrap(function() error('x', 0) end))", [false, "x"]),
        // What main leaves behind ends with it.
        ("coroutine.spawn(function() host.sleep(60000) end) return 1", [1]),
    ]

    @Test(arguments: cases.indices) func coroutines(_ index: Int) async throws {
        let (text, expected) = Self.cases[index]
        var results = try await run(
            "return (function(...) local r = {...} for i = 1, select('#', ...) do if type(r[i]) == 'userdata' then r[i] = tostring(r[i]) end end return table.unpack(r, 1, select('#', ...)) end)((function() \(text)\nend)())",
            modules: [Self.module])
        if let last = results.last?.string, last.hasPrefix("app:test:") {
            results[results.count - 1] = .string(last.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? "")
        }
        #expect(results == expected, "\(text)")
    }

    /// Each coroutine waits in a host function for its turn, and lets the next one have it when its value is received.
    @Test func coroutinesThatWaitAtTheSameTimeGoOnInAnyOrder() async throws {
        let turns = (0...3).map { _ in AsyncStream<Void>.makeStream() }
        let module = LuaModule(
            "host",
            [
                .function("turn") { stack in
                    let turn = turns[try stack.checkInteger(at: 1)].stream
                    return .wait {
                        for await _ in turn { return }
                    } then: { _, _ in
                        .none
                    }
                },
                .function("give") { stack in
                    turns[try stack.checkInteger(at: 1)].continuation.yield()
                    return .none
                },
            ])
        let text = """
            local c, n = channel.new(), 0
            for i = 1, 3 do coroutine.spawn(function() host.turn(i) c:send(i) end) end
            for i = 3, 1, -1 do
                host.give(i)
                n = n * 10 + c:receive()
            end
            return n
            """
        #expect(try await run(text, modules: [module]) == [321])
    }

    @Test func anErrorOfASpawnedCoroutineFailsTheCall() async throws {
        let failure = try await failure(
            "coroutine.spawn(function() error('lost') end) host.sleep(60000)", modules: [Self.module])
        #expect(failure.message == "app:test:1: lost")
    }

    @Test func aDeadlockIsAnError() async throws {
        #expect(try await failure("channel.new():receive()").reason == .deadlock)
        #expect(
            try await failure("local c = channel.new() coroutine.spawn(function() c:receive() end) c:receive()").reason
                == .deadlock)
        #expect(try await failure("channel.select{}").reason == .deadlock)
    }

    @Test(
        "What a failed call left waiting at a channel gets nothing from the next call",
        arguments: [
            ("coroutine.spawn(function() error('lost') end)", LuaFailure.Reason.raised), ("", .deadlock),
            ("coroutine.spawn(function() while true do end end)", .ranTooLong),
        ])
    func channelAfterAFailure(_ spawned: String, reason: LuaFailure.Reason) async throws {
        var limits = LuaEnvironment.Limits()
        limits.run = reason == .ranTooLong ? .milliseconds(50) : .seconds(60)
        let state = try LuaState(LuaEnvironment(modules: [Self.module], limits: limits) { _, _ in })
        _ = try await run("kept = channel.new(1)", in: state)
        for wait in ["kept:receive()", "channel.select{kept:case_receive()}"] {
            let failed = await #expect(throws: LuaFailure.self) { try await run("\(spawned) \(wait)", in: state) }
            #expect(failed?.reason == reason)
            let text = "kept:send(7) host.now() return kept:receive()"
            #expect(try await run(text, in: state) == [7, true])
        }
    }

    @Test("A select leaves no waiter in the channels that did not win")
    func selectsLeaveTheirChannels() async throws {
        nonisolated(unsafe) let idle = LuaChannel()
        nonisolated(unsafe) let full = LuaChannel()
        let module = LuaModule(
            "test",
            [
                .function("channels") { stack in
                    stack.push(idle)
                    stack.push(full)
                    return .results(2)
                }
            ])
        let text = """
            local idle, full = test.channels()
            for i = 1, 100 do
                local won = channel.new()
                coroutine.spawn(function() won:send(i) end)
                local case = channel.select{idle:case_receive(), full:case_send({}), won:case_receive()}
                assert(case.channel == won and case.value == i)
            end
            """
        #expect(try await run(text, modules: [module]) == [])
        #expect(idle.waiterCount == 0 && full.waiterCount == 0)
    }

    @Test(arguments: [
        "host.sleep(60000)", "while true do pcall(host.sleep, 60000) end", "host.after(60000):receive()",
        "coroutine.spawn(function() while true do host.sleep(60000) end end) host.sleep(60000)",
        "coroutine.wrap(function() host.sleep(60000) end)()",
    ]) func cancellationReachesWhoWaits(_ text: String) async throws {
        try await cancel(text, modules: [Self.module])
    }

    final class Handle: LuaCleanup {
        nonisolated(unsafe) static var cleaned = 0
        func cleanUp() async {
            await Task.yield()
            Handle.cleaned += 1
        }
    }

    @Test func whatACallForgotIsCleanedUp() async throws {
        let module = LuaModule(
            "handles",
            [
                .function("open") { stack in
                    stack.state.cleanUpAfterCall(Handle())
                    return .none
                },
                .function("openAndClose") { stack in
                    let handle = Handle()
                    stack.state.cleanUpAfterCall(handle)
                    stack.state.isCleanedUp(handle)
                    return .none
                },
            ])
        _ = try await run("handles.open() handles.open() handles.openAndClose()", modules: [module])
        #expect(Handle.cleaned == 2)
        _ = try await failure("handles.open() error('x')", modules: [module])
        #expect(Handle.cleaned == 3)
    }
}
