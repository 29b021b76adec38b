/// The error of a text that cannot be read as JSON, or of a value that cannot be written as JSON.
///
/// The errors of ``JSON`` never repeat the text, so you can log them and send them to a client.
public struct JSONError: Error, Hashable, CustomStringConvertible {
    /// A place in a text.
    public struct Place: Hashable, Sendable {
        /// The offset of the place in bytes, counted from 0.
        public var offset: Int
        /// The line, counted from 1.
        public var line: Int
        /// The column in Unicode scalars, counted from 1.
        public var column: Int

        /// Creates a place.
        public init(offset: Int, line: Int, column: Int) {
            self.offset = offset
            self.line = line
            self.column = column
        }

        /// Finds the place of a byte in a text, whose earlier bytes must be valid UTF-8.
        ///
        /// An `offset` past the end counts as the end.
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

    /// The broken rule, as a sentence without a capital and without a full stop.
    public let message: String
    /// The place in the JSON text; nil for a value that cannot be written as JSON.
    public let place: Place?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - message: the broken rule, as a sentence.
    ///   - place: the place in the JSON text; nil for a value that cannot be written as JSON.
    public init(_ message: String, place: Place?) {
        self.message = message
        self.place = place
    }

    /// The place and the sentence, such as `line 1, column 8: expected ',' or ']' after an element`.
    public var description: String {
        guard let place else { return message }
        return "line \(place.line), column \(place.column): \(message)"
    }
}
