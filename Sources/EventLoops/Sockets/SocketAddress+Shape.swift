package import WippyText

// The grammar of an address. The parser and the schema of a field with an address use the same shapes.
extension SocketAddress {
    /// The shape of the texts that ``init(parsing:)`` reads.
    ///
    /// Not every text of this shape is an address: the number of bytes and the numbers in an IP address can be wrong.
    package static let shape: TextShape = {
        let (digits, dot) = (TextShape.repeated(.character(.digits), atLeast: 1, atMost: 3), character("."))
        let version4 = TextShape.sequence([digits, .repeated(.sequence([dot, digits]), atLeast: 3, atMost: 3)])
        let version6 = TextShape.word(of: Alphabet("0"..."9", "A"..."F", "a"..."f", ":"...":", "."..."."))
        let nothing = TextShape.sequence([])
        let inBrackets = TextShape.sequence([character("["), version6, character("]")])
        let host = TextShape.choice([inBrackets, nameShape, version4, nothing])
        return .sequence([host, character(":"), portShape])
    }()

    /// The shape of a number from 0 to 65,535 with at most five digits.
    private static let portShape: TextShape = {
        let digit = TextShape.character(.digits)
        func number(_ beginning: String, _ next: ClosedRange<Unicode.Scalar>, _ rest: [TextShape]) -> TextShape {
            .sequence(beginning.unicodeScalars.map(character) + [.character(Alphabet(next))] + rest)
        }
        let first = TextShape.repeated(.character(Alphabet("0"..."5")), atLeast: 0, atMost: 1)
        return .choice([
            .sequence([first, .repeated(digit, atLeast: 1, atMost: 4)]), number("6", "0"..."4", [digit, digit, digit]),
            number("65", "0"..."4", [digit, digit]), number("655", "0"..."2", [digit]), number("6553", "0"..."5", []),
        ])
    }()

    /// The shape of letters, digits, dots, hyphens and underscores, with at least one letter.
    ///
    /// A text without a letter is a mistyped IP address.
    private static let nameShape: TextShape = {
        let beginning = TextShape.sequence([
            .character(Alphabet("0"..."9", "."...".", "_"..."_")),
            .any(Alphabet("0"..."9", "."...".", "_"..."_", "-"..."-")),
        ])
        return .sequence([
            .repeated(beginning, atLeast: 0, atMost: 1), .character(Alphabet("A"..."Z", "a"..."z")),
            .any(Alphabet("A"..."Z", "a"..."z", "0"..."9", "."...".", "_"..."_", "-"..."-")),
        ])
    }()

    private static func character(_ scalar: Unicode.Scalar) -> TextShape { .character(Alphabet(scalar...scalar)) }

    /// Reads a port; nil if the text is not one.
    static func port(_ text: String) -> UInt16? { portShape.matches(text) ? UInt16(text) : nil }

    /// True if a text can be the name of a host.
    static func isName(_ text: String) -> Bool { text.utf8.count <= 253 && nameShape.matches(text) }
}
