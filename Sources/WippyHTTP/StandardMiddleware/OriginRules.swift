import WippyDefinition
import WippyText

/// The origins that a router allows.
struct OriginRules: FieldValue {
    private(set) var allowsAll = false
    private var allowsLocalhost = false
    private var exact: Set<ExactText> = []
    private var suffixes: [ExactText] = []
    private let texts: [String]

    /// Hosts without a scheme, which are not origins.
    private(set) var withoutScheme: [String] = []

    /// Origins with letters outside ASCII, which browsers send in another form.
    private(set) var pastASCII: [String] = []

    /// The rules that allow every origin.
    static let all = OriginRules()

    static var form: FieldForm {
        .pattern(
            "[^,\\s]", words: "origins, separated by commas: *, https://a.example, *.a.example, localhost",
            examples: ["https://app.example.com", "localhost"])
    }
    static var substitute: OriginRules { .all }

    private init() {
        allowsAll = true
        texts = ["*"]
    }

    init(reading node: Node) throws(FieldProblem) {
        texts = try node.listedTexts(of: Self.form)
        guard !texts.isEmpty else { throw .expected(Self.form, got: node) }
        for text in texts { try add(text) }
        pastASCII = texts.filter { $0.utf8.contains { $0 > 0x7F } }
    }

    var written: String { texts.joined(separator: ",").written }

    func allow(_ origin: String) -> Bool {
        allowsAll || exact.contains(ExactText(origin))
            || suffixes.contains { origin.hasExactSuffix($0.string) }
            || (allowsLocalhost && Self.isLocalhost(origin))
    }

    private static func isLocalhost(_ origin: String) -> Bool {
        ["http://localhost", "https://localhost"].contains {
            ExactText.areEqual(origin, $0) || origin.hasExactPrefix($0 + ":")
        }
    }
}

/// Reads one rule.
extension OriginRules {
    private mutating func add(_ text: String) throws(FieldProblem) {
        switch text {
        case "*": allowsAll = true
        case _ where text.lowercasedASCII == "localhost": allowsLocalhost = true
        case _ where text.lowercasedASCII == "null":
            throw FieldProblem(
                "has '\(text)', an origin that any page can give itself; leave it out, and serve your pages from a "
                    + "real origin")
        case _ where text.hasExactPrefix("*."):
            guard let origin = HostAndPort(text.dropping("*.").utf8[...]) else { throw Self.noOrigin(text) }
            suffixes += [ExactText(".\(origin.text)"), ExactText(text.dropping("*"))]
        default: try addExact(text)
        }
    }

    private mutating func addExact(_ text: String) throws(FieldProblem) {
        guard let mark = text.utf8.firstRange(of: "://".utf8) else {
            guard HostAndPort(text.utf8[...]) != nil else { throw Self.noOrigin(text) }
            withoutScheme.append(text)
            return
        }
        let scheme = text[..<mark.lowerBound].lowercasedASCII
        guard scheme.utf8.first?.isLower == true, scheme.utf8.allSatisfy(Self.isOfScheme) else {
            throw Self.noOrigin(text)
        }
        let rest = text.utf8[mark.upperBound...]
        let authority = rest.prefix { !"/?#".utf8.contains($0) }
        guard let origin = HostAndPort(authority) else { throw Self.noOrigin(text) }
        let whole = "\(scheme)://\(origin.text(withoutPort: ["http": 80, "https": 443][ExactText(scheme)]))"
        guard authority.endIndex == rest.endIndex else {
            throw FieldProblem("has '\(text)', but an origin has no path; write '\(whole)'")
        }
        exact.formUnion([ExactText(whole), ExactText(text)])
    }

    private static func noOrigin(_ text: String) -> FieldProblem {
        FieldProblem(
            "has '\(text)', which is not an origin; write scheme://host[:port], '*', '*.example.com' or localhost")
    }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        byte.isLower || byte.isDigit || "+-.".utf8.contains(byte)
    }
}

/// A host and a port in small letters, as they stand in an origin.
private struct HostAndPort {
    let host: String
    let port: Int?

    init?(_ text: Substring.UTF8View) {
        var host = text
        var port: Int?
        if let colon = text.lastIndex(of: UInt8(ascii: ":")), text.last != UInt8(ascii: "]") {
            let digits = text[colon...].dropFirst()
            guard digits.allSatisfy(\.isDigit),
                let number = UInt16(Substring(digits)), number > 0
            else { return nil }
            port = Int(number)
            host = text[..<colon]
        }
        guard Self.isHost(host) else { return nil }
        self.host = Substring(host).lowercasedASCII
        self.port = port
    }

    var text: String { text(withoutPort: nil) }

    /// The text of an origin, which leaves out the standard port of its scheme.
    func text(withoutPort standard: Int?) -> String {
        guard let port, port != standard else { return host }
        return "\(host):\(port)"
    }

    /// True for an IPv6 address in brackets, or for labels with dots between them.
    ///
    /// Every character outside ASCII counts as a letter.
    private static func isHost(_ text: Substring.UTF8View) -> Bool {
        if text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") {
            let address = text.dropFirst().dropLast()
            return !address.isEmpty && address.allSatisfy("0123456789abcdefABCDEF:.".utf8.contains)
        }
        let labels = (text.last == UInt8(ascii: ".") ? text.dropLast() : text)
            .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { !$0.isEmpty && $0.allSatisfy(isOfLabel) }
    }

    private static func isOfLabel(_ byte: UInt8) -> Bool {
        byte.isWordPart || byte == UInt8(ascii: "-") || byte > 0x7F
    }
}
