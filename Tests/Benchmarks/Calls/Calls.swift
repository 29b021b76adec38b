import Glibc
import LuaEngine

/// What the engine takes for a call, for a new state and in memory; `Host/host.c` does the same in C.
///
/// usage: WippyLuaCalls call|state|memory COUNT
///
/// Prints one number: nanoseconds of a call, microseconds of a state, or how many bytes the process holds for a state
/// that has run one call.
@main
enum Calls {
    static let script = """
        local function handler(id, count)
            local result = {id = id, count = count + 1, status = "queued"}
            return result
        end
        return {handler = handler}

        """
    static let id = "01930d1c-8a4c-7c3e-9f5e-1f1f6a3b2c4d"

    /// Why the program ends.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 3, let times = Int(words[2]), times > 0 else {
            throw Problem(description: "usage: WippyLuaCalls call|state|memory COUNT")
        }
        try await measure(words[1], times)
    }

    /// Measures where calls of an application run, too: on no actor.
    @concurrent
    static func measure(_ what: String, _ times: Int) async throws {
        let environment = LuaEnvironment { _, _ in }
        let program = try LuaProgram(script, name: "script")
        switch what {
        case "state":
            try await report(times, unit: 1e-6) { _ in _ = try await open(environment, program) }
        case "memory":
            let before = try residentBytes()
            var states: [LuaState] = []
            for _ in 0..<times {
                let (state, function) = try await open(environment, program)
                try await call(state, function, 1)
                states.append(state)
            }
            print((try residentBytes() - before) / states.count)
        default:
            let (state, function) = try await open(environment, program)
            for index in 0..<times / 10 { try await call(state, function, index) }
            try await report(times, unit: 1e-9) { try await call(state, function, $0) }
        }
    }

    static func report(_ times: Int, unit: Double, _ body: (Int) async throws -> Void) async throws {
        let begin = processorTime()
        for index in 0..<times { try await body(index) }
        print((processorTime() - begin) / Double(times) / unit)
    }

    static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func residentBytes() throws -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { throw Problem(description: "no /proc/self/statm") }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        _ = fgets(&line, Int32(line.count), file)
        let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self).split(separator: " ")
        guard words.count > 1, let pages = Int(words[1]) else { throw Problem(description: "no resident pages") }
        return pages * Int(getpagesize())
    }

    static func open(
        _ environment: LuaEnvironment, _ program: LuaProgram
    ) async throws -> (LuaState, LuaReference) {
        let state = try LuaState(environment)
        let value = try await state.load(program)
        guard let function = state.member("handler", of: value) else { throw Problem(description: "no function") }
        return (state, function)
    }

    static func call(_ state: LuaState, _ function: LuaReference, _ number: Int) async throws {
        let isRight = try await state.call(function) { stack in
            stack.push(id)
            stack.push(number)
            return 2
        } results: { stack in
            stack.pushField("id", at: 1)
            stack.pushField("count", at: 1)
            return stack.length(at: -2) == id.utf8.count && stack.integer(at: -1) == number + 1
        }
        guard isRight else { throw Problem(description: "the result is wrong") }
    }
}
