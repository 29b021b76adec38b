import CWippyLua

/// JSON to values on a stack and back, without a tree between.
///
/// An object without fields is remembered as one, so that it is written as `{}` again. A list in which `null` stands
/// last loses it. Whole numbers of 64 bits stay exact; longer ones become floats.
public enum LuaJSON {
    /// Why a text is no JSON.
    public struct ReadingError: Error, Sendable, CustomStringConvertible {
        /// What is wrong.
        public let problem: String
        /// Where, in bytes from zero.
        public let offset: Int

        /// What is wrong, and where.
        public var description: String { "\(problem) at byte \(offset)" }
    }

    /// Why a value cannot be written.
    public struct WritingError: Error, Sendable, CustomStringConvertible {
        /// What is wrong.
        public let problem: String
        /// What is wrong.
        public var description: String { problem }
    }

    /// Pushes the value of a JSON text; nothing is pushed if it is none.
    ///
    /// - Throws: ``ReadingError``, also for text behind the value and for more than ``LuaStack/depthMax`` levels.
    public static func decode(_ text: Span<UInt8>, onto stack: LuaStack) throws(ReadingError) {
        let top = stack.count
        do {
            try text.withUnsafeBufferPointer { (text) throws(ReadingError) in
                var reader = LuaJSONReader(text: text, stack: stack)
                try reader.readDocument()
            }
        } catch {
            stack.setCount(top)
            throw error
        }
    }

    /// The JSON text of the value at a position: compact, keys sorted, floats without a fraction as whole numbers.
    ///
    /// - Parameter bytesMax: how long the text may be; it is never longer than what the state may hold.
    /// - Throws: ``WritingError`` for tables with elements and other fields, with gaps, or nested too deep, and for a
    ///   text that is too long.
    public static func encode(
        _ stack: LuaStack, at index: Int, bytesMax: Int = .max
    ) throws(WritingError) -> [UInt8] {
        let top = stack.count
        defer { stack.setCount(top) }
        var writer = LuaJSONWriter(stack: stack, bytesMax: min(bytesMax, stack.state.roomForText))
        try writer.write(Int(lua_absindex(stack.lua, Int32(index))), depth: 0)
        return writer.text
    }
}
