/// Why a text cannot be read as JSON, or a value cannot be written as JSON.
///
/// The description names a place and a rule but repeats nothing of the text, so you can log it and send it to a client.
public struct JSONError: Error, Hashable, CustomStringConvertible {
    /// A position in a text.
    public struct Place: Hashable, Sendable {
        /// How many bytes are before it.
        public var offset: Int
        /// The line, counted from 1.
        public var line: Int
        /// The column in Unicode scalars, counted from 1.
        public var column: Int

        /// A position whose parts are known.
        public init(offset: Int, line: Int, column: Int) {
            self.offset = offset
            self.line = line
            self.column = column
        }

        /// The position of a byte in a text that is UTF-8 up to there; `offset` past the end is taken as the end.
        init(of offset: Int, in bytes: borrowing Span<UInt8>) {
            self.init(offset: offset, line: 1, column: 1)
            for index in 0..<min(offset, bytes.count) {
                let byte = bytes[index]
                if byte == UInt8(ascii: "\n") {
                    line += 1
                    column = 1
                } else if byte & 0xC0 != 0x80 {
                    column += 1
                }
            }
        }
    }

    /// The broken rule, as a sentence without capital and full stop.
    public let message: String
    /// The place, if a text was read; nil if a value was written.
    public let place: Place?

    /// An error with its sentence and, when reading, its place.
    public init(_ message: String, place: Place?) {
        self.message = message
        self.place = place
    }

    /// The sentence with its place before it: `line 1, column 8: expected ',' or ']'`.
    public var description: String {
        guard let place else { return message }
        return "line \(place.line), column \(place.column): \(message)"
    }
}
