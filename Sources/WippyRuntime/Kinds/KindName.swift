import WippyText

/// The name of a kind, after `kind:`.
public struct KindName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let text: ExactText

    /// Lower-case words joined by dots.
    static let shape = TextShape.list(
        of: .word(of: Alphabet("a"..."z", "0"..."9", "_"..."_")), separatedBy: ".")

    /// The name as text.
    public var description: String { text.string }

    /// The name with `a` or `an` before it, for a sentence: `a queue.queue`, `an env.variable`, `an http.router`.
    ///
    /// `an` stands before one of the letters `aeiou`, but not before a word such as `user` or `unit`, which begins with
    /// the sound of "you". If the first word has none of these letters, the sound of its first letter alone decides.
    public var withArticle: String {
        let word = text.string.utf8.prefix { $0 != UInt8(ascii: ".") }
        let isSpelt = !word.contains { "aeiou".utf8.contains($0) }
        let letters = isSpelt ? "fhlmnrsx" : "aeiou"
        let beginsWithYou = ["eu", "uni", "us", "uti", "uu"].contains { word.starts(with: $0.utf8) }
        let takesAn = word.first.map { letters.utf8.contains($0) } == true && !beginsWithYou
        return (takesAn ? "an " : "a ") + text.string
    }

    /// Creates a name from its text.
    public init(_ text: String) {
        self.text = ExactText(text)
    }

    /// Creates a name from a literal.
    public init(stringLiteral text: String) {
        self.text = ExactText(text)
    }
}
