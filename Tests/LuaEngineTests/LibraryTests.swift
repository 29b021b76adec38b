import LuaEngine
import Testing

/// The dialect's library functions: what is not as in Lua 5.4, and what must stay so.
@Suite struct LibraryTests {
    static let cases: [(String, [LuaValue])] = [
        (
            "tostring(10/2), tostring(1e15), tostring(-0.0), tostring(2^63)",
            ["5", "1000000000000000", "0", "9.223372036854776e+18"]
        ),
        (
            "tostring(1234567.5), tostring(0.1+0.2), tostring(1e100), tostring(0.00001)",
            ["1.2345675e+06", "0.30000000000000004", "1e+100", "1e-05"]
        ),
        (
            "tostring(1/0), tostring(-1/0), tostring(0/0), tostring(123.25), tostring(0.0001)",
            ["+Inf", "-Inf", "NaN", "123.25", "0.0001"]
        ),
        ("tostring(nil), tostring(true), tostring(12)", ["nil", "true", "12"]),
        ("('abc'):byte(), ('x'):byte(2)", [97]),
        ("string.char(72, 328)", ["HH"]),
        ("('hello'):sub(2, -2), ('hello'):sub(1.9, 2.9), ('x'):sub(5)", ["ell", "he", ""]),
        ("('ab'):rep(3), ('ab'):rep(2, '-'), ('x'):rep(-1)", ["ababab", "ab-ab", ""]),
        ("('ÄbC'):lower(), ('äbc'):upper(), ('a\\255'):upper()", ["äbc", "ÄBC", .bytes([65, 255])]),
        ("('hello world'):find('wor'), ('a.b'):find('.', 1, true)", [7, 2, 2]),
        ("('key=val'):match('(%w+)=(%w+)')", ["key", "val"]),
        ("('x'):match('y'), ('hello'):match('()ll()')", [.nil, 3, 5]),
        ("('hello world'):gsub('%w*', 'x')", ["xx xx", 4]),
        (
            "('abc'):gsub('%w', '%0%0'), ('abc'):gsub('b', {b = 1}), ('abc'):gsub('', '-')",
            ["aabbcc", "a1c", "-a-b-c-", 4]
        ),
        ("('abc'):gsub('%w', 'x', -1)", ["xxx", 3]),
        ("('abc'):gsub('%w', function(c) if c == 'b' then return false end return c:upper() end)", ["AbC", 3]),
        (
            "(function() local r = {} for k, v in ('a=1, b=2'):gmatch('(%w)=(%w)') do r[#r + 1] = k .. v end return table.concat(r, ';') end)()",
            ["a1;b2"]
        ),
        ("string.format('%5d|%-5d|%05d|%+d', 42, 42, 42, 42)", ["   42|42   |00042|+42"]),
        ("string.format('%d %d %s', 3.9, '7', 'x')", ["3 7 x"]),
        ("string.format('%x %X %o %#x', 255, 255, 8, 255)", ["ff FF 10 0xff"]),
        ("string.format('%.2f %5.1f %e %g', 3.14159, 2.25, 12345.678, 0.1)", ["3.14   2.2 1.234568e+04 0.1"]),
        ("string.format('%s %s %v %t', {} ~= nil, nil, 1.0, true)", ["true nil 1 true"]),
        ("string.format('%q', 'a\"b\\n')", [#""a\"b\n""#]),
        (
            "string.format('%s'), string.format('%%'), string.format('%5s|%-5s|%.2s', 'é', 'é', 'abc')",
            ["%!s(MISSING)", "%", "    é|é    |ab"]
        ),
        ("string.format('%c%c', 72, 233)", ["Hé"]),
        (
            "table.concat({1, 2.0, 'x'}, ','), table.concat({}, ','), table.concat({1, 2, 3}, '-', 2, 9)",
            ["1,2,x", "", "2-3"]
        ),
        (
            "(function() local t = {1, 2} table.insert(t, 2, 9) table.insert(t, 5) return table.concat(t, ',') end)()",
            ["1,9,2,5"]
        ),
        (
            "(function() local t = {1, 2, 3} return table.remove(t, 1), table.remove(t), #t, table.remove(t, 7), table.remove({}) end)()",
            [1, 3, 1, .nil, .nil]
        ),
        ("(function() local t = {5, 2, 8, 1} table.sort(t) return table.concat(t) end)()", ["1258"]),
        (
            "(function() local t = {5, 2, 8, 1} table.sort(t, function(a, b) return a > b end) return table.concat(t) end)()",
            ["8521"]
        ),
        ("(function() local t = {5, 2, 8, 1} table.sort(t, function() return true end) return #t end)()", [4]),
        (
            "(function() local t = {} for i = 1, 1000 do t[i] = (i * 7919) % 1009 end table.sort(t) for i = 2, 1000 do if t[i - 1] > t[i] then return i end end return 'sorted' end)()",
            ["sorted"]
        ),
        ("pcall(table.sort, {1, 'x'})", [false]),
        ("unpack({1, 2, 3}), table.unpack({1, 2}, 2), select('#', unpack({}, 1, 3))", [1, 2, 3]),
        (
            "table.concat(table.move({1, 2, 3}, 1, 3, 2)), table.concat(table.move({1, 2}, 1, 2, 1, {}))",
            ["1123", "12"]
        ),
        (
            "(function() local t = table.freeze({1, 2, x = 3}) local n = 0 for _ in pairs(t) do n = n + 1 end return #t, t.x, n, table.isfrozen(t), (pcall(function() t.y = 1 end)), (pcall(table.insert, t, 1)), table.concat(t, ',') end)()",
            [2, 3, 3, true, false, false, "1,2"]
        ),
        ("select(-1, 1, 2, 3), select(2, 'a', 'b')", [3, "b"]),
        (
            "tonumber('0x10'), tonumber('  12  '), tonumber('1e2'), tonumber('x'), tonumber('ff', 16), tonumber(nil, 10), tonumber('8', 99)",
            [16, 12, 100.0, .nil, 255, .nil, .nil]
        ),
        (
            "math.type(1), math.type(1.0), math.maxinteger, 3 // 2, 7.0 // 2",
            ["integer", "float", .integer(.max), 1, 3.0]
        ),
        ("math.pow(2, 3), math.fmod(-5, 3), math.mod(5, 3), pcall(math.fmod, 1, 0)", [8.0, -2, 2, true]),
        ("6.7 & 3, 1 | 2.5, ~0.5", [2, 3, -1]),
        ("pcall(function() return 1 & {} end)", [false]),
        (
            "setmetatable({}, {__band = function() return 'and' end}) & 1, 1 & setmetatable({}, {__band = function() return 'and' end})",
            ["and", "and"]
        ),
        (
            "_VERSION, next({}), type(next), rawequal(1, 1), rawget({a = 1}, 'a')",
            ["Lua 5.3 - Wippy Modification", .nil, "function", true, 1]
        ),
        ("(function() local n = 0 for i, v in ipairs({1, 2, nil, 4}) do n = n + v end return n end)()", [3]),
        ("(function() local n = 0 for k, v in pairs({a = 1, b = 2, 3}) do n = n + v end return n end)()", [6]),
        (
            "(function() local t = {a = 1, b = 2, c = 3} for k in pairs(t) do t[k] = nil end return next(t) end)()",
            [.nil]
        ),
        ("string.unpack('<i4', string.pack('<i4', -2)), string.packsize('i4i8')", [-2, 12]),
    ]

    @Test(arguments: cases.indices) func library(_ index: Int) async throws {
        let (text, expected) = Self.cases[index]
        let results = try await run("return \(text)")
        // Of several results only as many as are expected count: a call in the middle gives one, the last all.
        #expect(Array(results.prefix(expected.count)) == expected, "\(text) gave \(results)")
    }

    @Test func printGivesOneLine() async throws {
        let environment = LuaEnvironment { stack, line in
            stack.push(line)
            _ = stack.makeReference(at: -1)
            stack.pop()
            #expect(line == "1 2 nil true a b")
            #expect(stack.place(level: 1)?.line == 1)
        }
        let state = try LuaState(environment)
        _ = try await run("print(1, 2.0, nil, true, 'a b')", in: state)
    }

    @Test func rewrittenOperators() async throws {
        func value(_ text: String) async throws -> [LuaValue] {
            let state = try LuaState(LuaEnvironment { _, _ in })
            let program = try LuaProgram("return function() return \(text) end", name: "app:x")
            return try await state.call(try await state.load(program)) { stack in
                try (0..<stack.count).map { try stack.value(at: $0 + 1) }
            }
        }
        #expect(try await value("__cat(1, 2.0, 'x', 0.5)") == ["12x0.5"])
        #expect(try await value("__cat('e: ', errors.new('m'), '.')") == ["e: m."])
        #expect(
            try await value(
                "__cat('a', setmetatable({}, {__concat = function(a, b) return type(a) .. type(b) end}), 'b')")
                == ["atablestring"])
        #expect(try await value("__mod(7, 3), __mod(-7, 3), __mod(7.5, 2)") == [1, 2, 1.5])
        #expect(try await value("tostring(__mod(1, 0))") == ["NaN"])
        #expect(try await value("__shr(-8, 1), __shl(1, 70), __shl(8, -1), __shr(1, 64)") == [-4, 0, 4, 0])
        #expect(
            try await value("pcall(function() return __cat('x', nil) end)")
                == [false, "app:x:1: attempt to concatenate a nil value"])
    }
}
