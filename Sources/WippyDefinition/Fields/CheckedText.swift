public import WippyText

/// A text that must have a form: a path, a name, the code of a script.
public protocol CheckedText: FieldValue {
    /// The text.
    var text: ExactText { get }

    /// Wraps a text that has been checked, or a stand-in for one that cannot be read.
    init(text: ExactText)

    /// Checks a text.
    ///
    /// - Throws: ``FieldProblem`` if it does not have the form.
    static func check(_ text: String, of node: Node) throws(FieldProblem)
}

extension CheckedText {
    /// By default any text.
    public static var form: FieldForm { .text }

    /// The empty text.
    public static var placeholder: Self { Self(text: "") }

    /// The text as one writes it in a definition file.
    public var written: String { text.written }

    /// Reads a text and checks it.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.form, got: node) }
        try self.init(checking: scalar.text, of: node)
    }

    /// Checks a text of a node.
    public init(checking text: String, of node: Node) throws(FieldProblem) {
        try Self.check(text, of: node)
        self.init(text: ExactText(text))
    }
}
