import LuaSyntax
import Testing
import WippySystemLua

/// The table of the dialect's cases, when it lies beside the checkout: what the eraser alone decides.
@Suite(.enabled(if: DialectCase.areThere, "the table of cases is not there"))
struct DialectCasesTests {
    @Test func theErasedTextGivesWhatTheDialectGives() throws {
        let cases = try DialectCase.all()
        var lines: [String] = []
        for row in cases {
            let script = LuaScript(Array(row.snippet.utf8))
            let text = script.text.map { "text \(hex($0))" } ?? "refused \(hex("\(script.diagnostics[0])".utf8))"
            lines.append("\(row.id) \(row.target) \(hex(row.expected.utf8)) \(hex(row.lua54.utf8)) \(text)")
        }
        let output = try SystemLua.run(Self.program, [Array(lines.joined(separator: "\n").utf8)])
        let results = String(decoding: output, as: UTF8.self).split(separator: "\n")
        try #require(results.count == cases.count)
        var missed: Set<String> = []
        for (row, result) in zip(cases, results) where result != "ok" {
            missed.insert(row.id)
            let isKnown = Self.needLibrary.contains(row.id) || row.target == "types"
            #expect(isKnown, "\(row.id): \(result)")
        }
        #expect(Self.needLibrary.subtracting(missed) == [], "no longer missed")
    }

    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return "'" + String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
            + "'"
    }

    /// The rows that library functions of the dialect's own decide.
    private static let needLibrary: Set = [
        "num-02", "num-03", "num-04", "num-05", "num-06", "num-08", "num-10", "num-17", "num-20", "num-21", "num-26",
        "meta-16", "base-04", "base-08", "base-10", "base-11", "base-12", "err-13", "err-14", "err-15",
        "err-16", "co-02", "co-04", "fmt-01", "fmt-15", "fmt-16", "pat-10", "pat-20", "str-01", "str-04", "str-09",
        "tab-11", "tab-12", "tab-16", "tab-18", "math-03", "math-06", "math-10", "os-04", "tab-20",
    ]

    /// Runs each row with the operators that the eraser writes, written in Lua, and says whether its target is met.
    private static let program = #"""
        local function text(s) return (s:gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end)) end
        local function cat(...)
          local values = {...}
          local result = values[#values]
          for i = #values - 1, 1, -1 do
            local left = values[i]
            if math.type(left) == "float" and left == math.floor(left) then left = math.tointeger(left) end
            if math.type(result) == "float" and result == math.floor(result) then result = math.tointeger(result) end
            result = left .. result
          end
          return result
        end
        local function mod(a, b) return b == 0 and 0/0 or a % b end
        local function shift(a, n)
          if n >= 64 or n <= -64 then return 0 end
          return n >= 0 and a << n or a // (1 << -n)
        end
        local head = "local __cat,__mod,__shl,__shr=...;return function(...) "
        local function run(code)
          local chunk, message = load(head .. code .. "\nend", "=t")
          if not chunk then return table.pack(false, "does not compile: " .. message) end
          return table.pack(pcall(chunk(cat, mod, shift, function(a, n) return shift(a, -n) end)))
        end
        local function values(list)
          if list == "(nothing)" then return {n = 0} end
          return table.pack(load("local inf = math.huge return " .. list)())
        end
        local function meets(result, expected)
          if expected:match("^e?r?r?o?r?s?y?n?t?a?x?:") then return not result[1] end
          local wanted = expected:match("^error%-text: (.*)")
          if wanted then return result[1] and result[2] == false and tostring(result[3]):find(wanted, 1, true) ~= nil end
          if not result[1] then return false end
          local ok, list = pcall(values, expected)
          if not ok or list.n ~= result.n - 1 then return false end
          for i = 1, list.n do if list[i] ~= result[i + 1] then return false end end
          return true
        end
        local results = {}
        for line in (...):gmatch("[^\n]+") do
          local target, expected, lua54, kind, code = line:match("^%S+ (%S+) '(%x*)' '(%x*)' (%a+) '(%x*)'$")
          expected, lua54, code = text(expected), text(lua54), text(code)
          if kind == "refused" then results[#results + 1] = "refused: " .. code goto next end
          do
            local result = run(code)
            local isMet
            if target == "5.4" then isMet = meets(result, lua54)
            elseif target == "any" then isMet = meets(result, expected) or meets(result, lua54)
            elseif target == "no-raise" then isMet = result[1]
            elseif target == "=" then isMet = meets(result, expected) or meets(result, lua54)
            else isMet = meets(result, expected) end
            for i = 1, result.n do result[i] = tostring(result[i]):gsub("\n", " ") end
            results[#results + 1] = isMet and "ok" or "gives " .. table.concat(result, ", ", 2)
          end
          ::next::
        end
        return table.concat(results, "\n")
        """#
}
