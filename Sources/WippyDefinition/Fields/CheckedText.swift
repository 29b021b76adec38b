public import WippyText

/// A text that must have a certain form: a path, a name, the code of a script.
public protocol CheckedText: FieldValue {
    /// The text.
    var text: ExactText { get }

    /// Creates a value without a check: from a checked text, or from the empty text as a stand-in.
    init(text: ExactText)

    /// Checks that a text has the form.
    ///
    /// - Throws: ``FieldProblem`` if the text does not have the form.
    static func check(_ text: String, of node: Node) throws(FieldProblem)
}

extension CheckedText {
    /// The form of the field; any text by default.
    public static var form: FieldForm { .text }

    /// The stand-in for a text that cannot be read: the empty text.
    public static var placeholder: Self { Self(text: "") }

    /// The text as a definition file writes it.
    public var written: String { text.written }

    /// Reads a text and checks it; throws ``FieldProblem`` if it is not a text of the form.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.form, got: node) }
        try self.init(checking: scalar.text, of: node)
    }

    /// Checks a text and creates a value from it; throws ``FieldProblem`` if the text does not have the form.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - node: the node with the text, for the message.
    public init(checking text: String, of node: Node) throws(FieldProblem) {
        try Self.check(text, of: node)
        self.init(text: ExactText(text))
    }
}
