import Dispatch
import LuaEngine
import Synchronization
import WippyTesting
import WippyValues

extension FuzzTarget {
    /// The thread that runs the checks.
    private static let thread = OneThread()

    /// JSON onto a script's stack and back: the texts that `JSON` reads, and what was read is written in one form.
    package static let luaJSON = FuzzTarget("lua-json") { bytes throws(Finding) in
        let finding = Mutex<Finding?>(nil)
        let end = DispatchSemaphore(value: 0)
        // The caller blocks its thread. If the checks needed one of the same pool, both could wait for ever.
        Task.detached(executorPreference: thread) {
            let found = await LuaJSONChecks.finding(in: bytes)
            finding.withLock { $0 = found }
            end.signal()
        }
        end.wait()
        if let finding = finding.withLock({ $0 }) { throw finding }
    }
}

private enum LuaJSONChecks {
    /// What does not hold; the checks run where a call has a stack.
    static func finding(in bytes: [UInt8]) async -> Finding? {
        let module = LuaModule(
            "check",
            [
                .function("run") { stack in
                    do throws(Finding) {
                        try check(bytes, on: stack)
                        return .none
                    } catch {
                        throw LuaRaise(error.description)
                    }
                }
            ])
        do {
            let state = try LuaState(LuaEnvironment(modules: [module]) { _, _ in })
            _ = try await state.load(try program.get())
            return nil
        } catch {
            return Finding("\(error)")
        }
    }

    private static let program = Result { () throws(LuaSyntaxError) in try LuaProgram("check.run()", name: "fuzz") }

    private static func check(_ bytes: [UInt8], on stack: LuaStack) throws(Finding) {
        let top = stack.count
        let known = Result { () throws(JSONError) in try JSON.decode(bytes, maxNesting: LuaStack.maxDepth) }
        do throws(LuaJSON.ReadingError) {
            try LuaJSON.decode(bytes.span, onto: stack)
        } catch {
            try require(stack.count == top, "an error leaves \(stack.count - top) values on the stack")
            try require(0...bytes.count ~= error.offset, "an error's place is outside of the text: \(error)")
            try require(error.description.utf8.count < 160, "an error shows some of the text: \(error)")
            guard case .success = known else { return }
            throw Finding("JSON reads what is refused: \(error)")
        }
        try require(stack.count == top + 1, "\(stack.count - top) values have been pushed, not one")
        let value: Value
        do throws(JSONError) {
            value = try known.get()
        } catch {
            let isMeant = readByScriptsAlone.contains { error.message.contains($0) }
            return try require(isMeant, "JSON refuses what was read: \(error)")
        }
        try checkWriting(of: value, on: stack)
    }

    /// What is repaired, or becomes infinite, or of which the last counts.
    private static let readByScriptsAlone = [
        "not valid UTF-8", "half of a surrogate pair", "past the range", "appears twice",
    ]

    /// The written text reads as what is written the same again, and JSON reads it; a list with gaps is not written.
    private static func checkWriting(of value: Value, on stack: LuaStack) throws(Finding) {
        let top = stack.count
        let text: [UInt8]
        do throws(LuaJSON.WritingError) {
            text = try LuaJSON.encode(stack, at: -1)
        } catch {
            return try require(value.hasGaps, "what was read cannot be written: \(error)")
        }
        try require(stack.count == top, "writing leaves \(stack.count - top) values on the stack")
        try require((try? JSON.decode(text)) != nil, "JSON does not read what was written")
        do throws(LuaJSON.ReadingError) {
            try LuaJSON.decode(text.span, onto: stack)
        } catch {
            throw Finding("what was written cannot be read: \(error)")
        }
        try require((try? LuaJSON.encode(stack, at: -1)) == text, "what was read again is written otherwise")
    }
}

extension Value {
    /// Whether null stands in a list somewhere, which is an element that a table does not have.
    fileprivate var hasGaps: Bool {
        switch self {
        case .list(let elements): elements.contains { $0.isNull || $0.hasGaps }
        case .map(let map): map.values.contains(where: \.hasGaps)
        default: false
        }
    }
}
