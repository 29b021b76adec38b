/// A text that nothing may show.
///
/// A field of this type is a secret field. Only a secret field accepts the text of a secret variable. Errors and
/// descriptions do not show the text, even if it does not come from a variable.
public struct Secret: Sendable, Equatable {
    /// The secret text.
    ///
    /// Never log it, and never put it into an error.
    public let text: String

    /// Creates a secret.
    public init(_ text: String) {
        self.text = text
    }
}

extension Secret: FieldValue {
    /// The form of a field of this type: a secret text.
    public static var form: FieldForm { .either([.spelling], words: "a secret string") }

    /// The value that stands in for one that cannot be read: the empty text.
    public static var substitute: Secret { Secret("") }

    /// True, because nothing may show the value.
    public static var isSecret: Bool { true }

    /// Reads the text.
    ///
    /// A number or a truth value counts as the text that spells it.
    ///
    /// - Throws: ``FieldProblem`` for null, a list or a map.
    public init(reading node: Node) throws(FieldProblem) {
        self.init(try VariableText(reading: node).text)
    }

    /// Always the words `a secret`, never the text.
    public var written: String { description }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always the words `a secret`, never the text.
    public var description: String { "a secret" }

    /// Always the words `a secret`, never the text.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` does not show the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The text of a variable.
///
/// A number or a truth value counts as the text that spells it.
public struct VariableText: FieldValue {
    /// The text.
    public let text: String

    /// The form of a field of this type: a text, or a number or truth value in its place.
    public static var form: FieldForm { .spelling }

    /// The value that stands in for one that cannot be read: the empty text.
    public static var substitute: VariableText { VariableText(text: "") }

    /// The text as it is written in a definition file.
    public var written: String { text.written }

    /// Creates a value.
    public init(text: String) {
        self.text = text
    }

    /// Reads a text, a number or a truth value.
    ///
    /// - Throws: ``FieldProblem`` for anything else, and for null.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, !node.isNull else { throw .expected(Self.form, got: node) }
        text = scalar.text
    }
}
