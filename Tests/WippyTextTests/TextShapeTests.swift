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
}
