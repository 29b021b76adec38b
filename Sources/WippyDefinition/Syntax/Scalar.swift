/// A text, a number, a truth value or null: its text, and its value by the core schema of YAML 1.2.
public struct Scalar: Sendable, Hashable {
    /// The way in which a scalar is written.
    public enum Style: Sendable, Hashable {
        /// Without quotes.
        ///
        /// By the core schema, `8080` is a number, but `no` and `on` are texts.
        case plain
        /// In quotes or as a block, which is always a text.
        case quoted
        /// From an option or a variable, or read in the same way.
        ///
        /// Such a scalar is read as the type of its field, and is never null.
        case external
    }

    /// The value of a scalar by the core schema.
    public enum Value: Sendable, Hashable {
        /// Null: no text, `~`, `null`, `Null` or `NULL`.
        case null
        /// `true` or `false`, also in the forms `True` and `TRUE`, `False` and `FALSE`.
        case bool(Bool)
        /// A whole number in the range of `Int`.
        case integer(Int)
        /// Another decimal number, such as `1.5`; also `.inf` and `.nan`.
        case float(Double)
        /// A text: any other scalar.
        case text(String)
    }

    /// The text of the scalar, without its quotes.
    public let text: String

    /// The way in which the text is written.
    public let style: Style

    /// The value by the core schema.
    ///
    /// The value of a quoted scalar is always a text. The value of an external scalar is never null: `null` from a
    /// variable is a text.
    public let value: Value

    /// Creates a scalar from its text.
    public init(_ text: String, style: Style) {
        self.text = text
        self.style = style
        let resolved = style == .quoted ? .text(text) : Self.resolve(text)
        self.value = style == .external && resolved == .null ? .text(text) : resolved
    }

    /// True if the scalar is a text, or if its style is ``Style/external``.
    public var isText: Bool {
        if style == .external { return true }
        if case .text = value { return true }
        return false
    }

    /// The scalar in words, for the end of an error sentence.
    ///
    /// Texts are in quotes. Numbers and truth values are not. A long text is cut.
    var found: String {
        switch value {
        case .null: return "nothing"
        case .bool, .integer, .float: return shown
        case .text:
            let looksLikeMore = style == .quoted && !text.isEmpty && Self.resolve(text) != .text(text)
            return looksLikeMore ? "the string '\(shown)'" : "'\(shown)'"
        }
    }

    /// The first line of the text, or its beginning.
    ///
    /// The length counts scalars, because a single character may have any number of them.
    private var shown: String {
        let line = text.unicodeScalars.prefix { !Character($0).isNewline }.prefix(60)
        return line.endIndex < text.endIndex ? String(line) + "…" : text
    }
}
