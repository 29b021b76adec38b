import CWippyLua

/// JSON to values on a stack and back, without a tree between.
///
/// An object without fields is remembered as one, so that it is written as `{}` again. A list in which `null` stands
/// last loses it. Whole numbers of 64 bits stay exact; longer ones become floats.
public enum LuaJSON {
    /// Why a text is not valid JSON.
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
    /// - Parameters:
    ///   - stack: the stack that has the value.
    ///   - index: the position of the value.
    ///   - bytesMax: how long the text may be; it is never longer than what the state may hold.
    /// - Throws: ``WritingError`` for tables with elements and other fields, with gaps, or nested too deep, and for a
    ///   text that is too long.
    public static func encode(
        _ stack: LuaStack, at index: Int, bytesMax: Int = .max
    ) throws(WritingError) -> [UInt8] {
        try encode(stack, at: index, bytesMax: bytesMax) { text in text.withUnsafeBufferPointer { Array($0) } }
    }

    /// Writes the JSON text of the value at a position and gives it to `use` without a copy.
    ///
    /// - Parameters:
    ///   - stack: the stack that has the value.
    ///   - index: the position of the value.
    ///   - bytesMax: as of ``encode(_:at:bytesMax:)``.
    ///   - use: finds the stack as it was, and may push onto it.
    public static func encode<Result>(
        _ stack: LuaStack, at index: Int, bytesMax: Int = .max, _ use: (Span<UInt8>) -> Result
    ) throws(WritingError) -> Result {
        let top = stack.count
        let state = stack.state
        var writer = LuaJSONWriter(stack: stack, bytesMax: min(bytesMax, state.roomForText))
        writer.exchangeKeys(&state.jsonKeys)
        do throws(WritingError) {
            try writer.write(lua_absindex(stack.lua, Int32(index)), depth: 0)
        } catch {
            stack.setCount(top)
            throw error
        }
        writer.exchangeKeys(&state.jsonKeys)
        state.forgetLargeJSONKeys()
        return use(writer.text.bytes.span)
    }

    static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether eight bytes of a string stand in JSON as they are: no quote, no backslash and no control character.
    static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let (quote, backslash) = (word ^ ones &* 0x22, word ^ ones &* 0x5c)
        // The high bit of a byte says that it is one of those, or stands behind one.
        let found = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- ones &* 0x20) & ~word)
        return found & highBits == 0
    }

    /// How many bytes of a string's beginning stand in JSON as they are.
    static func plainCount(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard let start = UnsafeRawPointer(bytes.baseAddress) else { return 0 }
        var index = 0
        while index + 8 <= bytes.count, isPlain(start.loadUnaligned(fromByteOffset: index, as: UInt64.self)) {
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            index += 1
        }
        return index
    }
}
