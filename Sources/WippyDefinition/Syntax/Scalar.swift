/// The text of a scalar, and its value by the core schema of YAML 1.2.
public struct Scalar: Sendable, Hashable {
    /// How the text was written.
    public enum Style: Sendable, Hashable {
        /// Without quotes. By the core schema `8080` is a number, but `no` and `on` are texts.
        case plain
        /// In quotes or as a block, which is always text.
        case quoted
        /// From an option or a variable. It is read as the type of its field, and is never null.
        case external
    }

    /// The value of a text by the core schema.
    public enum Value: Sendable, Hashable {
        /// Nothing, `null` or `~`.
        case null
        /// `true` or `false`.
        case bool(Bool)
        /// A whole number of 64 bits.
        case integer(Int)
        /// Another number.
        case float(Double)
        /// Anything else.
        case text(String)
    }

    /// The text as written, without its quotes.
    public let text: String

    /// How it was written.
    public let style: Style

    /// The value by the core schema.
    ///
    /// A quoted text is a text.
    public let value: Value

    /// Creates a scalar from its text.
    public init(_ text: String, style: Style) {
        self.text = text
        self.style = style
        let resolved = style == .quoted ? .text(text) : Self.resolve(text)
        self.value = style == .external && resolved == .null ? .text(text) : resolved
    }

    /// Whether a field that takes a text accepts it.
    public var isText: Bool {
        if style == .external { return true }
        if case .text = value { return true }
        return false
    }

    /// What this is, for a sentence that says what was found.
    ///
    /// Texts stand in quotes, numbers and truth values do not. Long text is cut.
    var found: String {
        switch value {
        case .null: return "nothing"
        case .bool, .integer, .float: return shown
        case .text:
            let looksLikeMore = style == .quoted && !text.isEmpty && Self.resolve(text) != .text(text)
            return looksLikeMore ? "the text '\(shown)'" : "'\(shown)'"
        }
    }

    /// The first line of the text, or the beginning of it.
    ///
    /// Counted in scalars: a single character may be of any number of them.
    private var shown: String {
        let line = text.unicodeScalars.prefix { !Character($0).isNewline }.prefix(60)
        return line.endIndex < text.endIndex ? String(line) + "…" : text
    }
}
