public import WippyText

/// A text that must have a certain form, such as a path, a name or the code of a script.
public protocol CheckedText: FieldValue {
    /// The text.
    var text: ExactText { get }

    /// Creates a value from a text, without a check.
    ///
    /// The ``FieldValue/substitute`` has the empty text.
    init(text: ExactText)

    /// Checks that a text has the form.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - node: the node with the text, for the message.
    /// - Throws: ``FieldProblem`` if the text does not have the form.
    static func check(_ text: String, of node: Node) throws(FieldProblem)
}

extension CheckedText {
    /// The form of the field.
    ///
    /// By default it allows any text.
    public static var form: FieldForm { .text }

    /// The value that stands in for one that cannot be read: the empty text.
    public static var substitute: Self { Self(text: "") }

    /// The text as it is written in a definition file.
    public var written: String { text.written }

    /// Reads a text and checks it.
    ///
    /// - Throws: ``FieldProblem`` if the node is not a text, or if the text does not have the form.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.form, got: node) }
        try self.init(checking: scalar.text, of: node)
    }

    /// Checks a text and creates a value from it.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - node: the node with the text, for the message.
    /// - Throws: ``FieldProblem`` if the text does not have the form.
    public init(checking text: String, of node: Node) throws(FieldProblem) {
        try Self.check(text, of: node)
        self.init(text: ExactText(text))
    }
}
