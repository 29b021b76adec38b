public import EventLoops
public import WippyDefinition

extension SocketAddress: FieldValue {
    /// The form of a field with an address.
    public static var form: FieldForm {
        let host =
            "\\[[0-9A-Fa-f:.%]+\\]|(?=[0-9._-]*[A-Za-z])[A-Za-z0-9._][A-Za-z0-9._-]*|[0-9]{1,3}(\\.[0-9]{1,3}){3}|"
        let port = "[0-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
        return .pattern(
            "^(\(host)):(\(port))$", words: "host:port or :port", examples: [":8080", "127.0.0.1:8080"])
    }

    /// The value of a field that cannot be read: all addresses of this machine.
    public static var placeholder: SocketAddress { .all() }

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

    /// The address as you write it in a definition file.
    public var written: String { description }
}
