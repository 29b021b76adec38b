extension Duration: FieldValue {
    public static var expectation: String { "a duration such as 10s" }
    public static var placeholder: Duration { .zero }

    /// Reads a duration as Go writes it: `1m30s`, `100ms`, `1.5h`; a bare `0` is none.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, let value = Duration(written: scalar.text) else {
            throw .expected(Self.expectation, got: node)
        }
        self = value
    }

    /// Reads a sequence of numbers with units: `1m30s`. Units are h, m, s, ms, us (or µs) and ns.
    ///
    /// - Returns: nil for anything else, and for more than 292 years.
    public init?(written text: String) {
        var rest = text[...]
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
        guard rest != "0" else {
            self = .zero
            return
        }
        guard !rest.isEmpty else { return nil }
        var nanoseconds = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let unit = rest.dropFirst(number.count).prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            guard let amount = Double(number), let size = Self.nanoseconds(in: unit) else { return nil }
            nanoseconds += amount * size
            rest = rest.dropFirst(number.count + unit.count)
        }
        guard nanoseconds < Double(Int64.max) else { return nil }
        self = .nanoseconds(Int64(isNegative ? -nanoseconds : nanoseconds))
    }

    private static func nanoseconds(in unit: Substring) -> Double? {
        switch unit {
        case "ns": 1
        case "us", "\u{b5}s", "\u{3bc}s": 1e3
        case "ms": 1e6
        case "s": 1e9
        case "m": 60e9
        case "h": 3600e9
        default: nil
        }
    }

    /// The duration in the largest units that express it: `1h30m`, `250ms`.
    public var written: String {
        let (seconds, attoseconds) = components
        let nanoseconds = Int(attoseconds / 1_000_000_000)
        if seconds == 0, nanoseconds == 0 { return "0s" }
        var text = seconds < 0 || nanoseconds < 0 ? "-" : ""
        let whole = Int(seconds.magnitude)
        let fraction = Int(nanoseconds.magnitude)
        if whole >= 3600 { text += "\(whole / 3600)h" }
        if whole % 3600 >= 60 { text += "\(whole % 3600 / 60)m" }
        if whole % 60 > 0 { text += "\(whole % 60)s" }
        if fraction % 1_000_000 == 0 {
            if fraction > 0 { text += "\(fraction / 1_000_000)ms" }
        } else if fraction % 1_000 == 0 {
            text += "\(fraction / 1_000)us"
        } else {
            text += "\(fraction)ns"
        }
        return text
    }
}
