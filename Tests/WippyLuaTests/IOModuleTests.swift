import LuaEngine
import Synchronization
import Testing
import WippyRuntime

@testable import WippyLua

struct IOModuleTests {
    /// A terminal whose input is a text.
    private final class StandInTerminal: Terminal {
        let arguments = ["one", "two"]
        let written = Mutex((output: [UInt8](), error: [UInt8]()))
        private let lines = Mutex(["first", "second"])

        func write(_ bytes: [UInt8], toError isError: Bool) {
            written.withLock { if isError { $0.error += bytes } else { $0.output += bytes } }
        }

        func read(atMost count: Int) -> [UInt8] { Array((readLine() ?? []).prefix(count)) }

        func readLine() -> [UInt8]? { lines.withLock { $0.isEmpty ? nil : Array($0.removeFirst().utf8) } }
    }

    @Test func aProcessOfATerminalReadsAndWrites() async throws {
        let terminal = StandInTerminal()
        let state = try LuaState(LuaEnvironment(modules: [ScriptModule.io.content]) { _, _ in })
        let program = try LuaProgram(
            """
            return function()
                io.print("a", 1.0, nil, setmetatable({}, {__tostring = function() return "t" end}))
                io.write("b", 2)
                io.eprint("c")
                local line, part = io.readline(), io.read(3)
                local none, err = io.readline()
                return line .. part .. tostring(none) .. err:message() .. table.concat(io.args(), ",")
            end
            """, name: "app:test")
        let function = try await state.load(program)
        state.context = ScriptCall(.standIn, terminal: terminal)
        let answer = try await state.call(function) { $0.string(at: 1) }
        #expect(answer == "firstsecnilEOFone,two")
        #expect(terminal.written.withLock { String(decoding: $0.output, as: UTF8.self) } == "a\t1\tnil\tt\nb2")
        #expect(terminal.written.withLock { String(decoding: $0.error, as: UTF8.self) } == "c\n")
    }

    @Test(arguments: ["io.print('x')", "io.readline()", "io.read()", "io.flush()"])
    func othersHaveNoTerminal(expression: String) async throws {
        #expect(try await error(of: expression, .io) == "Internal: no terminal context")
    }
}
