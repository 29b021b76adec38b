/// A text that nothing may show.
///
/// A field of this type is a secret field.
///
/// Only such a field takes the text of a secret variable. Errors, and the description of anything that contains it, do
/// not show the text, wherever it comes from.
public struct Secret: Sendable, Equatable {
    /// The text itself.
    ///
    /// Never log it, and never put it into an error.
    public let text: String

    /// Creates a secret.
    public init(_ text: String) {
        self.text = text
    }
}

extension Secret: FieldValue {
    /// The form of a field of this type.
    public static var form: FieldForm { .either([.spelling], words: "a text that nothing shows") }

    /// A stand-in for a value that cannot be read.
    public static var placeholder: Secret { Secret("") }

    /// Nothing may be shown of it.
    public static var isSecret: Bool { true }

    /// Reads the text; a number or a truth value is the text that spells it.
    public init(reading node: Node) throws(FieldProblem) {
        self.init(try VariableText(reading: node).text)
    }

    /// `a secret`.
    public var written: String { description }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `a secret`.
    public var description: String { "a secret" }

    /// `a secret`.
    public var debugDescription: String { description }

    /// It has no children, so that nothing is shown.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The text of a variable: a number or a truth value is the text that spells it.
package struct VariableText: FieldValue {
    package let text: String

    package static var form: FieldForm { .spelling }
    package static var placeholder: VariableText { VariableText(text: "") }
    package var written: String { text.written }

    package init(text: String) {
        self.text = text
    }

    package init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, !node.isNull else { throw .expected(Self.form, got: node) }
        text = scalar.text
    }
}
