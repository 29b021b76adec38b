import WippyText

// The grammar of a pattern. The reader and the schema of a field with a path use the same shapes.
extension RoutePattern {
    /// The shape of the texts that ``init(_:)`` reads.
    ///
    /// A text of this shape can still have two parameters of one name.
    static let textShape: TextShape = {
        let rest = TextShape.sequence([text("{"), nameShape, text("...}")])
        let end = TextShape.sequence([
            text("/"), .repeated(.choice([text("{$}"), rest]), atLeast: 0, atMost: 1),
        ])
        return .choice([.sequence([path(of: segmentShape), .repeated(end, atLeast: 0, atMost: 1)]), end])
    }()

    /// The shape of a segment: a literal text or a parameter.
    static let segmentShape = TextShape.choice([
        literalShape, .sequence([text(":"), nameShape]), .sequence([text("{"), nameShape, text("}")]),
    ])

    /// The shape of a literal segment.
    ///
    /// It has no `%` without two hexadecimal digits, and its decoded text is neither `.` nor `..`.
    static let literalShape: TextShape = {
        let hexadecimal = Alphabet("0"..."9", "A"..."F", "a"..."f")
        let any = TextShape.repeated(
            .choice([.character(Alphabet(allBut: marks)), escaped(hexadecimal, hexadecimal)]), atLeast: 0, atMost: nil)
        let dot = TextShape.choice([text("."), escaped(Alphabet(of: "2"), Alphabet(of: "Ee"))])
        let escapedOther = TextShape.choice([
            escaped(Alphabet("0"..."1", "3"..."9", "A"..."F", "a"..."f"), hexadecimal),
            escaped(Alphabet(of: "2"), Alphabet("0"..."9", "A"..."D", "F"..."F", "a"..."d", "f"..."f")),
        ])
        // A segment that begins with a colon is a parameter.
        let first = TextShape.choice([.character(Alphabet(allBut: marks + ".:")), escapedOther])
        let other = TextShape.choice([.character(Alphabet(allBut: marks + ".")), escapedOther])
        return .choice([
            .sequence([first, any]), .sequence([.repeated(dot, atLeast: 1, atMost: 2), other, any]),
            .sequence([.repeated(dot, atLeast: 3, atMost: 3), any]),
        ])
    }()

    /// The shape of the name of a parameter.
    static let nameShape = TextShape.sequence([
        .character(Alphabet("A"..."Z", "a"..."z", "_"..."_")),
        .any(Alphabet("A"..."Z", "a"..."z", "0"..."9", "_"..."_")),
    ])

    /// Returns the shape of one or more segments, each after a slash.
    static func path(of segment: TextShape) -> TextShape {
        .repeated(.sequence([text("/"), segment]), atLeast: 1, atMost: nil)
    }

    /// The characters with a meaning of their own.
    private static let marks = "/?#{}%"

    private static func text(_ text: String) -> TextShape {
        .sequence(text.unicodeScalars.map { .character(Alphabet($0...$0)) })
    }

    private static func escaped(_ first: Alphabet, _ second: Alphabet) -> TextShape {
        .sequence([text("%"), .character(first), .character(second)])
    }
}
