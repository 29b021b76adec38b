/// The error for a text that is not a Lua program.
public struct LuaSyntaxError: Error, Sendable, CustomStringConvertible {
    /// The name of the Lua text, such as an entry's id.
    public let name: String
    /// The line, counted from one.
    public let line: Int
    /// The column in bytes, counted from one; nil if it is not known.
    ///
    /// It is the column of the error, or that of the first token in the error's line.
    public let column: Int?
    /// The error, without its place.
    public let message: String

    /// Creates an error at a place.
    public init(name: String, line: Int, column: Int? = nil, message: String) {
        self.name = name
        self.line = line
        self.column = column
        self.message = message
    }

    /// Creates an error from Lua's own sentence: "name:12: '=' expected near 'x'".
    ///
    /// The column is that of the token that the sentence names. If the line has this token several times, the column
    /// is that of the line's first token.
    init(name: String, sentence: String, in text: [UInt8]) {
        let rest = sentence.unicodeScalars.split(separator: ":", omittingEmptySubsequences: false).map(Substring.init)
        // The name may have colons, too. The line is the first number between a colon and a colon with a space.
        for index in rest.indices.dropFirst() where index + 1 < rest.endIndex && rest[index + 1].first == " " {
            guard let line = Int(rest[index]) else { continue }
            let message = rest[(index + 1)...].joined(separator: ":").dropFirst()
            self.init(
                name: name, line: line, column: Self.column(in: text, line: line, of: sentence),
                message: String(message))
            return
        }
        self.init(name: name, line: 1, message: sentence)
    }

    private static func column(in text: [UInt8], line: Int, of sentence: String) -> Int? {
        guard line > 0 else { return nil }
        let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: line, omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return nil }
        let bytes = Array(lines[line - 1])
        let (words, near) = (Array(sentence.utf8), Array(" near '".utf8))
        if let start = words.indices.last(where: { words[$0...].starts(with: near) }) {
            let token = words[(start + near.count)...].dropLast()
            let places = bytes.indices.filter { bytes[$0...].starts(with: token) }
            if places.count == 1 { return places[0] + 1 }
        }
        return bytes.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count + 1
    }

    /// The place and the message: `app:create_task:12:5: '=' expected near 'x'`.
    public var description: String {
        "\(name):\(line):" + (column.map { "\($0):" } ?? "") + " \(message)"
    }
}
