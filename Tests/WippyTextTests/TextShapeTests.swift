import Testing
import WippyText

@Suite("Shapes of texts")
struct TextShapeTests {
    private static let digits = TextShape.word(of: .digits)

    @Test(
        "A shape within another one is a whole in the regular expression",
        arguments: [
            (.repeated(digits, atLeast: 0, atMost: nil), "^([0-9]+)*$"),
            (.repeated(digits, atLeast: 0, atMost: 1), "^([0-9]+)?$"),
            (.repeated(.any(.digits), atLeast: 2, atMost: 3), "^([0-9]*){2,3}$"),
            (.repeated(.repeated(digits, atLeast: 1, atMost: nil), atLeast: 1, atMost: 1), "^(([0-9]+)+){1}$"),
            (.repeated(.sequence([digits, .any(.digits)]), atLeast: 0, atMost: nil), "^([0-9]+[0-9]*)*$"),
            (.repeated(.choice([digits, .any(.digits)]), atLeast: 0, atMost: nil), "^([0-9]+|[0-9]*)*$"),
        ] as [(TextShape, String)])
    func nested(shape: TextShape, pattern: String) throws {
        #expect(shape.pattern == pattern)
        let expression = try Regex(pattern)
        for text in ["", "0", "12", "345", "x", "1x", "x1"] {
            #expect(shape.matches(text) == (text.wholeMatch(of: expression) != nil), "\(text)")
        }
    }

    @Test("A shape that has several ways through a text matches if any of them leads to the end of the text")
    func severalWays() throws {
        let pieces: [TextShape] = [
            .character(Alphabet(of: "a")), .character(Alphabet(allBut: "a")), .any(Alphabet("a"..."b")),
            .word(of: Alphabet(of: "b")), .sequence([]), .ignoringCase("ab"),
            .choice([.ignoringCase("a"), .ignoringCase("ab")]),
            .repeated(.ignoringCase("ab"), atLeast: 0, atMost: 2), .list(of: Self.digits, separatedBy: "b"),
        ]
        let letters = ["a", "b", "1", "é"]
        let texts = (0...2).reduce(into: [""]) { texts, length in
            texts += texts.filter { $0.unicodeScalars.count == length }.flatMap { text in letters.map { text + $0 } }
        }
        for first in pieces {
            for second in pieces {
                for shape in [
                    TextShape.sequence([first, second]), .choice([first, second]),
                    .repeated(.choice([first, second]), atLeast: 1, atMost: 3),
                ] {
                    let expression = try Regex(shape.pattern).matchingSemantics(.unicodeScalar)
                    let wrong = texts.filter { shape.matches($0) != ($0.wholeMatch(of: expression) != nil) }
                    #expect(wrong == [], "\(shape.pattern)")
                }
            }
        }
    }
}
