public import EventLoops
public import WippyDefinition

extension SocketAddress: FieldValue {
    /// What a field of this type takes.
    public static var expectation: String { "host:port or :port" }

    /// What stands in for a value that could not be read.
    public static var placeholder: SocketAddress { .all() }

    /// Reads an address; names are not looked up.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.expectation, got: node) }
        do throws(Misspelling) {
            try self.init(parsing: scalar.text)
        } catch {
            throw .expected(Self.expectation, got: node, error.advice)
        }
    }

    /// The address as one writes it in a definition file.
    public var written: String { description }
}
