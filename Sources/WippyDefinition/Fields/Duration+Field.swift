import WippyText

extension Duration: OrderedFieldValue {
    /// Returns the form of a field that takes a duration in a range.
    public static func form(in range: ClosedRange<Duration>) -> FieldForm { .duration(in: range) }

    /// The value that stands in for one that cannot be read: zero.
    public static var substitute: Duration { .zero }

    /// The range of all values that a field can have.
    public static var all: ClosedRange<Duration> { .nanoseconds(Int64.min) ... .nanoseconds(Int64.max) }

    /// Reads a duration in the form of Go: `1m30s`, `100ms`, `1.5h`.
    ///
    /// The text `0` is zero.
    ///
    /// - Throws: ``FieldProblem`` for anything else.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, let value = Duration(written: scalar.text) else {
            throw .expected(Self.form, got: node)
        }
        self = value
    }

    /// Creates a duration from numbers with units, such as `1m30s`.
    ///
    /// The units are h, m, s, ms, us (or µs) and ns. The text may begin with a sign. `0` needs no unit.
    ///
    /// - Returns: nil for any other text, and for a duration of more than about 292 years.
    public init?(written text: String) {
        var rest = text[...]
        let isNegative = rest.hasExactPrefix("-")
        if isNegative || rest.hasExactPrefix("+") { rest = Substring(rest.unicodeScalars.dropFirst()) }
        guard rest != "0" else {
            self = .zero
            return
        }
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let unit = rest.dropFirst(number.count).prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            guard let size = Self.nanoseconds(in: unit), let part = Self.nanoseconds(number, of: size),
                case (let sum, false) = total.addingReportingOverflow(part)
            else { return nil }
            total = sum
            rest = rest.dropFirst(number.count + unit.count)
        }
        self = .nanoseconds(isNegative ? -total : total)
    }

    /// Returns a decimal number of units in nanoseconds, without a fraction of a nanosecond; nil if it does not fit
    /// in 64 bits.
    private static func nanoseconds(_ number: Substring, of size: Int64) -> Int64? {
        let parts = number.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false).map { Substring($0) }
        guard (1...2).contains(parts.count), parts.contains(where: { !$0.isEmpty }),
            let whole = parts[0].isEmpty ? 0 : Int64(parts[0])
        else { return nil }
        let digits = parts.count == 2 ? parts[1].prefix(18) : ""
        let scale = digits.reduce(UInt64(1)) { scale, _ in scale * 10 }
        let product = (UInt64(digits) ?? 0).multipliedFullWidth(by: UInt64(size))
        let fraction = Int64(scale.dividingFullWidth(product).quotient)
        let (units, isLarge) = whole.multipliedReportingOverflow(by: size)
        let (sum, isLarger) = units.addingReportingOverflow(fraction)
        return isLarge || isLarger ? nil : sum
    }

    /// The units in definition files, each with its number of nanoseconds.
    package static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("\u{b5}s", 1_000), ("\u{3bc}s", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    private static func nanoseconds(in unit: Substring) -> Int64? {
        units.first { $0.name == unit }?.nanoseconds
    }

    /// The duration as it is written in a definition file, such as `1h30m` or `250ms`.
    ///
    /// A fraction of a nanosecond is left out.
    public var written: String { inUnits }

    /// The duration as a short text for people.
    ///
    /// A duration shorter than a millisecond is cut to whole microseconds, any other one to whole milliseconds.
    public var readable: String {
        let (seconds, attoseconds) = components
        let unit: Int64 =
            seconds == 0 && attoseconds.magnitude < 1_000_000_000_000_000 ? 1_000_000_000_000 : 1_000_000_000_000_000
        return Duration(secondsComponent: seconds, attosecondsComponent: attoseconds / unit * unit).written
    }
}

extension ClosedRange<Duration> {
    /// From zero through a day.
    public static var zeroToDay: Self { .zero ... .days(1) }

    /// From a millisecond through a day.
    public static var millisecondToDay: Self { .milliseconds(1) ... .days(1) }
}
