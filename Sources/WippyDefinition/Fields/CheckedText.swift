public import WippyText

/// A text of a form of its own: a path, a name, the code of a script.
public protocol CheckedText: FieldValue {
    /// The text.
    var text: ExactText { get }

    /// Wraps a text, which is right or stands in for one that could not be read.
    init(text: ExactText)

    /// Finds what is wrong with a text.
    ///
    /// - Throws: ``FieldProblem`` when it has not the form.
    static func check(_ text: String, of node: Node) throws(FieldProblem)
}

extension CheckedText {
    /// Any text, unless the type says more.
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

    /// Checks a text that a node holds.
    public init(checking text: String, of node: Node) throws(FieldProblem) {
        try Self.check(text, of: node)
        self.init(text: ExactText(text))
    }
}
