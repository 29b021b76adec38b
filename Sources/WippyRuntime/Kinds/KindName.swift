import WippyText

/// The name of a kind, after `kind:`.
public struct KindName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let text: ExactText

    /// Lower-case words joined by dots.
    static let shape = TextShape.list(
        of: .word(of: Alphabet("a"..."z", "0"..."9", "_"..."_")), separatedBy: ".")

    /// The name as text.
    public var description: String { text.string }

    /// Creates a name from its text.
    public init(_ text: String) {
        self.text = ExactText(text)
    }

    /// Creates a name from a literal.
    public init(stringLiteral text: String) {
        self.text = ExactText(text)
    }
}
