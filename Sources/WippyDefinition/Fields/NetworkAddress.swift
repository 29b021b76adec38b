import WippyText

/// Where a server listens: `host:port`, or `:port` for every address of the machine.
public struct NetworkAddress: Hashable, Sendable {
    /// A name or an address; empty for every address of the machine.
    ///
    /// An IPv6 address stands without its brackets.
    public let host: String

    /// The port; 0 lets the system choose.
    public let port: Int

    /// Creates an address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

extension NetworkAddress: FieldValue {
    /// What a field of this type takes, with its article.
    public static var expectation: String { "host:port or :port" }

    /// What stands in for a value that could not be read.
    public static var placeholder: NetworkAddress { NetworkAddress(host: "", port: 0) }

    /// Reads the value; anything else is a problem.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText, let colon = scalar.text.unicodeScalars.lastIndex(of: ":") else {
            throw .expected(Self.expectation, got: node)
        }
        let portText = Substring(scalar.text.unicodeScalars[colon...].dropFirst())
        var host = scalar.text[..<colon]
        let isBracketed = host.hasExactPrefix("[") && host.hasExactSuffix("]")
        if isBracketed { host = Substring(host.unicodeScalars.dropFirst().dropLast()) }
        let isAddress = host.allSatisfy { $0.isHexDigit || ":.%".contains($0) } && host.utf8.contains(UInt8(ascii: ":"))
        guard let port = UInt16(portText), portText.allSatisfy(\.isNumber),
            isBracketed ? isAddress : host.allSatisfy(Self.isPartOfName)
        else { throw .expected(Self.expectation, got: node) }
        self.init(host: String(host), port: Int(port))
    }

    private static func isPartOfName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "-._".contains(character)
    }

    /// The value as one writes it in a definition file.
    public var written: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
