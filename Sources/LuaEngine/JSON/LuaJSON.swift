import CWippyLua

/// Reads JSON onto a stack, and writes the values of a stack as JSON, without intermediate values.
///
/// An object without fields is marked, so that it is written as `{}` again. An object loses fields whose value is
/// `null`, and a list loses `null` values at its end. A number without a fraction or an exponent stays exact if it fits
/// into a signed integer of 64 bits. Any other number becomes a float.
public enum LuaJSON {
    /// The error for a text that cannot be read as JSON.
    public struct ReadingError: Error, Sendable, CustomStringConvertible {
        /// The problem, as a sentence.
        public let problem: String
        /// The offset of the problem in the text, in bytes.
        public let offset: Int

        /// The problem and its place.
        public var description: String { "\(problem) at byte \(offset)" }
    }

    /// The error for a value that cannot be written as JSON.
    public struct WritingError: Error, Sendable, CustomStringConvertible {
        /// The problem, as a sentence.
        public let problem: String
        /// The problem, as a sentence.
        public var description: String { problem }
    }

    /// Reads a JSON text and pushes its value.
    ///
    /// Invalid UTF-8 in a string is kept. Half of a surrogate pair becomes U+FFFD.
    ///
    /// - Throws: ``ReadingError`` if the text is not valid JSON, if the value is nested deeper than
    ///   ``LuaStack/maxDepth`` levels, or if the reading must stop; see ``LuaStack/mustStop``. Then nothing is pushed.
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

    /// Returns the JSON text of the value at a position, in UTF-8.
    ///
    /// Keys are sorted if all keys of the object are strings. A ``LuaError`` becomes its message. Any other value that
    /// is neither a table, a string, a truth value nor a finite number becomes `null`.
    ///
    /// - Parameters:
    ///   - stack: the stack that has the value.
    ///   - index: the position of the value.
    ///   - maxBytes: the largest length of the text in bytes. The memory limit of the state also applies. Default: no
    ///     other limit.
    /// - Throws: ``WritingError`` if the text becomes too long, if a table has both elements and other fields, has
    ///   gaps, has too many fields, or is nested too deeply, or if the writing must stop; see ``LuaStack/mustStop``.
    public static func encode(
        _ stack: LuaStack, at index: Int, maxBytes: Int = .max
    ) throws(WritingError) -> [UInt8] {
        try encode(stack, at: index, maxBytes: maxBytes) { text in text.withUnsafeBufferPointer { Array($0) } }
    }

    /// Writes the JSON text of the value at a position, and passes it to `use` without a copy.
    ///
    /// - Parameters:
    ///   - stack: the stack that has the value.
    ///   - index: the position of the value.
    ///   - maxBytes: the largest length of the text in bytes, as in ``encode(_:at:maxBytes:)``.
    ///   - use: receives the text. The stack is as it was before, and `use` may push onto it.
    /// - Returns: the result of `use`.
    /// - Throws: ``WritingError``, as ``encode(_:at:maxBytes:)`` does.
    public static func encode<Result>(
        _ stack: LuaStack, at index: Int, maxBytes: Int = .max, _ use: (Span<UInt8>) -> Result
    ) throws(WritingError) -> Result {
        let top = stack.count
        let state = stack.state
        var writer = LuaJSONWriter(stack: stack, maxBytes: min(maxBytes, state.roomForText))
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
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// Marks the quotation marks and the backslashes among the eight bytes of a word, by the high bits of these bytes.
    ///
    /// The lowest mark is always right. A byte above it may be marked although it is another character.
    static func marks(in word: UInt64) -> UInt64 {
        let (quote, backslash) = (word ^ ones &* 0x22, word ^ ones &* 0x5c)
        return (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)) & highBits
    }

    /// Marks the control characters among the eight bytes of a word, as ``marks(in:)`` does.
    static func controls(in word: UInt64) -> UInt64 { (word &- ones &* 0x20) & ~word & highBits }

    /// The number of bytes at a string's beginning that JSON can contain unchanged.
    static func plainCount(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard let start = UnsafeRawPointer(bytes.baseAddress) else { return 0 }
        var index = 0
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let found = marks(in: word) | controls(in: word)
            if found != 0 { return index + found.trailingZeroBitCount >> 3 }
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
