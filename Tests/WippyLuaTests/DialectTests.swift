import LuaEngine
import LuaSyntax
import Testing
import WippySystemLua

@testable import WippyLua

/// The table of the dialect's cases, when it lies beside the checkout: what scripts give.
@Suite(.enabled(if: DialectCase.areThere, "the table of cases is not there"))
struct DialectTests {
    /// The rows that are not met.
    ///
    /// `co-06` allows either wippy's functions of `coroutine` or those of 5.4. Scripts here have both: `spawn`, and
    /// `close` and `isyieldable`.
    private static let known: Set = ["co-06"]

    @Test func scriptsGiveWhatTheDialectGives() async throws {
        var missed: Set<String> = []
        for row in try DialectCase.all() where row.target != "types" {
            let results = await results(of: row.snippet)
            let meetsExpected = await meets(results, row.expected)
            let meetsLua = await meets(results, row.lua54)
            let isMet =
                switch row.target {
                case "5.4": meetsLua
                case "any", "=": meetsExpected || meetsLua
                case "no-raise": results != nil
                default: meetsExpected
                }
            if isMet { continue }
            missed.insert(row.id)
            #expect(Self.known.contains(row.id), "\(row.id) \(row.target): \(row.snippet) gives \(results ?? [])")
        }
        #expect(Self.known.subtracting(missed) == [], "no longer missed")
    }

    /// What a script returns; nil if it raises or cannot be compiled.
    private func results(of text: String) async -> [LuaValue]? {
        guard let plain = LuaScript(Array("return function(...) \(text)\nend".utf8)).text,
            let program = try? LuaProgram(plain, name: "t"),
            let state = try? LuaState(LuaEnvironment(modules: [ScriptModule.os.content]) { _, _ in }),
            let function = try? await state.load(program)
        else { return nil }
        return try? await state.call(function) { stack in
            try (0..<stack.count).map { index in
                if stack.error(at: index + 1) != nil {
                    stack.pushText(at: index + 1)
                } else {
                    stack.pushCopy(of: index + 1)
                }
                defer { stack.pop() }
                return try stack.value(at: -1)
            }
        }
    }

    private func meets(_ results: [LuaValue]?, _ wanted: String) async -> Bool {
        if wanted.hasPrefix("error:") || wanted.hasPrefix("syntax:") { return results == nil }
        guard let results else { return false }
        if wanted.hasPrefix("error-text: ") {
            return results.first == false && results.last?.string?.contains(wanted.dropFirst(12)) == true
        }
        if wanted == "(nothing)" { return results.isEmpty }
        guard let values = await self.results(of: "local inf = 1/0 return \(wanted)"), values.count == results.count
        else {
            return false
        }
        return zip(results, values).allSatisfy { left, right in
            switch (left, right) {
            case (.integer(let left), .number(let right)): Double(left) == right
            case (.number(let left), .integer(let right)): left == Double(right)
            default: left == right
            }
        }
    }
}
