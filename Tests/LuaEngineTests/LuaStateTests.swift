import Glibc
import LuaEngine
import Testing

/// False under the address sanitizer, for which the system allocates each block of a state.
private let hasArenas = dlsym(nil, "__asan_init") == nil

@Suite struct LuaStateTests {
    @Test func callsCarryValues() async throws {
        let state = try LuaState(LuaEnvironment { _, _ in })
        let values: [LuaValue] = [
            .nil, true, 9_007_199_254_740_993, .number(1), .bytes([0, 255]), .array([1, 2]),
            .object([(Array("a".utf8), .integer(1))]),
        ]
        #expect(try await run("return ...", in: state, arguments: values) == values)
    }

    @Test func aStateKeepsItsGlobalsAndAnotherHasItsOwn() async throws {
        let environment = LuaEnvironment { _, _ in }
        let (first, second) = (try LuaState(environment), try LuaState(environment))
        _ = try await run("x = 1", in: first)
        #expect(try await run("return x", in: first) == [1])
        #expect(try await run("return x", in: second) == [.nil])
    }

    static let garbage = "local t = {} for i = 1, 3000 do t[i] = 'row ' .. i end return #t"

    @Test(.enabled(if: hasArenas)) func aStateGivesBackTheMemoryThatOnlyGarbageTook() async throws {
        let state = try LuaState(LuaEnvironment { _, _ in })
        #expect(!state.hasBorrowedMemory)
        _ = try await run(Self.garbage, in: state)
        #expect(state.hasBorrowedMemory)
        #expect(!state.giveMemoryBack())
        state.collectGarbage()
        #expect(state.giveMemoryBack())
        #expect(!state.hasBorrowedMemory)
    }

    @Test(.enabled(if: hasArenas)) func aStateKeepsTheMemoryOfItsValues() async throws {
        let environment = LuaEnvironment { _, _ in }
        let (keeper, other) = (try LuaState(environment), try LuaState(environment))
        _ = try await run("kept = {} for i = 1, 3000 do kept[i] = 'kept ' .. i end", in: keeper)
        keeper.collectGarbage()
        #expect(!keeper.giveMemoryBack())
        for _ in 1...20 {
            _ = try await run(Self.garbage, in: other)
            other.collectGarbage()
            #expect(other.giveMemoryBack())
        }
        let check = "for i = 1, 3000 do if kept[i] ~= 'kept ' .. i then return i end end kept = nil return true"
        #expect(try await run(check, in: keeper) == [true])
        keeper.collectGarbage()
        #expect(keeper.giveMemoryBack())
    }

    @Test func whatAChunkReturnsHasMembers() async throws {
        let state = try LuaState(LuaEnvironment { _, _ in })
        let program = try LuaProgram("local n = 0 return { main = function() n = n + 1 return n end }", name: "app:x")
        let chunk = try await state.load(program)
        let main = try #require(state.member("main", of: chunk))
        #expect(state.member("other", of: chunk) == nil)
        for expected in 1...3 {
            #expect(try await state.call(main) { $0.integer(at: 1) } == expected)
        }
    }

    @Test func syntaxErrorsAreValues() {
        #expect(throws: LuaSyntaxError.self) { try LuaProgram("local x = \n= 2", name: "app:x") }
        do {
            _ = try LuaProgram("local x = 1\nlocal y = = 2", name: "app:x")
        } catch {
            #expect(error.line == 2)
            #expect(error.message == "unexpected symbol near '='")
            #expect(error.description == "app:x:2:1: unexpected symbol near '='")
        }
        do {
            let lines = (1...201).map { "  local v\($0) = \($0)" }
            _ = try LuaProgram(lines.joined(separator: "\n"), name: "app:x")
            Issue.record("it was accepted")
        } catch {
            #expect(
                error.description
                    == "app:x:201:14: too many local variables (limit is 200) in main function near '='")
        }
    }

    @Test func bytecodeIsRefused() {
        #expect(throws: LuaSyntaxError.self) { try LuaProgram("\u{1b}Lua", name: "app:x") }
    }

    @Test func aTextCannotLeaveItsFunction() {
        #expect(throws: LuaSyntaxError.self) { try LuaProgram("end return function()", name: "app:x") }
    }

    @Test func theAttributeCloseIsRefusedAndConstPasses() throws {
        #expect(throws: Never.self) { try LuaProgram("local a <const>, b = 1, 2 return a < b", name: "app:x") }
        #expect(throws: Never.self) { try LuaProgram("-- local a <close>\nlocal s = 'local a <close>'", name: "app:x") }
        do {
            _ = try LuaProgram("local a = [[\n]]\nlocal b, c <close> = 1", name: "app:x")
            Issue.record("it was accepted")
        } catch {
            #expect(error.line == 3)
        }
    }

    @Test func errorsCarryTheirPlace() async throws {
        let failure = try await failure("\n\nlocal x = nil\nreturn x.y")
        #expect(failure.reason == .raised)
        #expect(failure.message == "app:test:4: attempt to index a nil value (local 'x')")
        #expect(failure.traceback.contains("app:test:4"))
    }

    @Test func errorValuesKeepWhatTheyHold() async throws {
        let failure = try await failure("error(errors.new{message='m', kind=errors.NOT_FOUND, retryable=true})")
        #expect(failure.error?.kind == "NotFound")
        #expect(failure.error?.retryable == true)
        #expect(failure.message == "m")
        let results = try await run(
            """
            local ok, e = pcall(error, errors.new("inner"))
            local w = errors.wrap(e, "outer")
            return type(e), tostring(w), w:message(), "<" .. w .. ">", errors.is(e, ""), w:retryable()
            """)
        #expect(results == ["userdata", "inner", "inner", "<inner>", true, .nil])
    }

    @Test func whatHostFunctionsThrowIsRaised() async throws {
        let module = LuaModule(
            "host",
            [
                .function("text") { _ in throw LuaRaise("no") },
                .function("need") { stack in
                    stack.push(try stack.checkInteger(at: 1))
                    return .one
                },
                .function("value") { _ in throw LuaError(kind: "Conflict", "taken") },
            ])
        let results = try await run(
            """
            local _, a = pcall(function() host.text() end)
            local _, b = pcall(host.need, nil)
            local _, c = pcall(host.value)
            return a, b, c:kind(), host.need(3.7), host.need("8")
            """, modules: [module])
        #expect(
            results == [
                "app:test:1: no", "bad argument #1 to 'need' (number expected, got nil)", "Conflict", 3, 8,
            ])
    }

    @Test func modulesAreMadeOnceAndCannotBeChanged() async throws {
        let module = LuaModule("m", [.value("a", 1), .table("t", [.value("b", 2)])])
        let results = try await run(
            """
            local m2 = require("m")
            local keys = {}
            for k in pairs(m2) do keys[#keys + 1] = k end
            table.sort(keys)
            return m == m2, m.a, m.t.b, pcall(function() m.a = 2 end), pcall(rawset, m, "a", 2), pcall(function()
            string.format = nil end), table.concat(keys, ","), pcall(require, "absent")
            """, modules: [module])
        #expect(results[0] == true && results[1] == 1 && results[2] == 2)
        #expect(results[3] == false && results[4] == false && results[5] == false)
        #expect(results[6] == "a,t")
        #expect(results[8].string?.hasSuffix("module 'absent' not found") == true)
    }

    @Test func readOnlyTablesShowTheirFieldsToHostFunctions() async throws {
        let module = LuaModule(
            "host",
            [
                .function("read") { stack in
                    let before = stack.count
                    var keys: [String] = []
                    stack.forEachPair(at: 1) { keys.append(stack.string(at: -2) ?? "") }
                    stack.push(keys.sorted().joined(separator: ","))
                    stack.push(stack.length(at: 1))
                    stack.pushElement(2, at: 1)
                    stack.pushField("b", at: 1)
                    return .results(stack.count - before)
                }
            ])
        let results = try await run(
            """
            local fields = function() return {"x", "y", b = 1} end
            local mute = setmetatable(fields(), {__len = error, __index = error, __pairs = error})
            local function all(t) return table.concat({host.read(t)}, " ") end
            return all(fields()), all(table.freeze(fields())), all(mute), all(table.freeze(mute)), all(table.freeze({}))
            """, modules: [module])
        #expect(results == [",,b 2 y 1", ",,b 2 y 1", ",,b 2 y 1", ",,b 2 y 1", " 0"])
    }

    final class Counter {
        nonisolated(unsafe) static var alive = 0
        var value = 0
        init() { Counter.alive += 1 }
        deinit { Counter.alive -= 1 }
        static let type = LuaObjectType<Counter>(
            "Counter",
            methods: [
                "add": { stack, counter in
                    counter.value += try stack.checkInteger(at: 2, default: 1)
                    stack.push(counter.value)
                    return .one
                }
            ],
            metamethods: [
                .function("__tostring") { stack in
                    stack.push("a counter")
                    return .one
                }
            ])
    }

    @Test func objectsHaveMethodsAndGoWithTheState() async throws {
        let module = LuaModule(
            "counters",
            [
                .function("new") { stack in
                    stack.push(Counter(), as: Counter.type)
                    return .one
                }
            ])
        do {
            let state = try LuaState(LuaEnvironment(modules: [module]) { _, _ in })
            let results = try await run(
                """
                c = counters.new()
                c:add() c:add(5)
                return c:add(), tostring(c), type(c), getmetatable(c), pcall(c.add, 1)
                """, in: state)
            #expect(results[0...4] == [7, "a counter", "userdata", "Counter", false])
            #expect(results[5] == "bad argument #1 to 'add' (Counter expected, got number)")
            #expect(Counter.alive == 1)
        }
        #expect(Counter.alive == 0)
    }

    @Test func valuesThatAreNestedWithinThemselvesAreRefused() async throws {
        let failure = try await failure("local t = {} t[1] = t return t")
        #expect(failure.message.contains("nested"))
    }

    @Test func eachValueOfACopyCountsOnce() async throws {
        let fill = "local t = {} for i = 1, ... do t[i] = 'x' end return t"
        let state = try LuaState(LuaEnvironment(limits: .unhurried) { _, _ in })
        // The table counts, too.
        let most = LuaStack.maxSize - 1
        let copy = try await run(fill, in: state, arguments: [.integer(most)])
        guard case .array(let elements)? = copy.first else { throw CancellationError() }
        #expect(elements.count == most)
        let failure = await #expect(throws: LuaFailure.self) {
            try await run(fill, in: state, arguments: [.integer(most + 1)])
        }
        #expect(failure?.message.contains("the value is too large") == true)
    }

    @Test func whatIsDangerousIsAbsent() async throws {
        let names = [
            "load", "loadstring", "loadfile", "dofile", "collectgarbage", "io", "debug", "rawlen", "warn", "utf8",
            "string.dump", "os and os.execute", "os and os.exit", "os and os.getenv", "os and os.setlocale",
            "package.searchers", "package.preload", "package.loaded", "getfenv", "setfenv", "newproxy", "module",
            "(getmetatable('') or {}).__index", "(getmetatable(0) or {}).__band",
            "(getmetatable(string) or {}).__index",
        ]
        for name in names {
            #expect(try await run("return (\(name)) or nil") == [.nil], "\(name)")
        }
        #expect(try await run("return pcall(package.loadlib, 'libc.so.6', 'system')")[0] == false)
        #expect(try await run("return pcall(require, '/etc/passwd')")[0] == false)
        #expect(
            try await run("local ok, e = xpcall(error, function(m) return m .. '!' end, 'a') return ok, e") == [
                false, "a!",
            ])
        #expect(try await run("return xpcall(function(...) return ... end, error, 1, 2)") == [true, 1, 2])
    }

    @Test func finalizersNeverRun() async throws {
        let results = try await run(
            """
            local ran = 0
            for i = 1, 2000 do setmetatable({}, { __gc = function() ran = ran + 1 end, __index = string.rep("x", 1000) }) end
            local m = { __gc = 1 }
            setmetatable({}, m)
            return ran, m.__gc
            """)
        #expect(results == [0, 1])
    }

    @Test(arguments: [1 << 61, 1 << 62, Int.max]) func anyLimitOfMemoryIsOne(bytes: Int) async throws {
        var limits = LuaEnvironment.Limits.unhurried
        limits.memory = bytes
        #expect(try await run("return ('x'):rep(3)", limits: limits) == [.bytes(Array("xxx".utf8))])
    }

    @Test(arguments: [-1, -2, 1, 2]) func aNumberCountsAsTextAtAnyPosition(index: Int) async throws {
        let module = LuaModule(
            "test",
            [
                .function("text") { stack in
                    stack.setCount(2)
                    stack.push(try stack.checkString(at: index))
                    stack.push(stack.count == 3 && stack.type(at: index > 0 ? index : index - 1) == .string)
                    return .results(2)
                }
            ])
        let expected: LuaValue = .bytes(Array((index == -1 || index == 2 ? "2.5" : "1").utf8))
        #expect(try await run("return test.text(1, 2.5)", modules: [module]) == [expected, true])
    }

    @Test func theArgumentsOfACallBeginAtPositionOne() async throws {
        let state = try LuaState(LuaEnvironment { _, _ in })
        let function = try await state.load(try LuaProgram("return function(a, b) return b, a end", name: "app:x"))
        for _ in 1...2 {
            let results = try await state.call(function) { stack in
                #expect(stack.count == 0)
                stack.push("a")
                stack.push(7)
                #expect(stack.string(at: 1) == "a" && stack.integer(at: 2) == 7 && stack.count == 2)
                return 2
            } results: { stack in
                "\(stack.integer(at: 1) ?? 0) \(stack.string(at: 2) ?? "") \(stack.count)"
            }
            #expect(results == "7 a 2")
        }
    }
}
