public import EventLoops
public import WippyDefinition
import WippyText

extension SocketAddress: FieldValue {
    /// The form of a field with an address.
    public static let form = FieldForm.pattern(
        shape.pattern, words: "host:port or :port", examples: [":8080", "127.0.0.1:8080"])

    /// The value of a field that cannot be read: all addresses of this machine.
    public static var substitute: SocketAddress { .all() }

    /// Reads an address.
    ///
    /// Names of hosts are not looked up.
    ///
    /// - Throws: `FieldProblem` when the value is not an address.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.form, got: node) }
        do throws(Misspelling) {
            try self.init(parsing: scalar.text)
        } catch {
            throw .expected(Self.form, got: node, error.advice)
        }
    }

    /// The address as it is written in a definition file, such as `":8080"`.
    public var written: String { description.written }
}
