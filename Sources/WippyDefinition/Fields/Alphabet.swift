/// The ASCII characters of which a text is made: one value for reading a field and for the pattern of its form.
public struct Alphabet: Sendable {
    /// 0 to 9.
    public static let digits = Alphabet("0"..."9")

    private let ranges: [ClosedRange<Unicode.Scalar>]

    /// The characters of some ranges.
    public init(_ ranges: ClosedRange<Unicode.Scalar>...) { self.ranges = ranges }

    /// Whether a text has such characters alone, and at least one.
    public func spells(_ text: String) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy { scalar in ranges.contains { $0.contains(scalar) } }
    }

    /// The regular expression of the texts that it spells.
    public var pattern: String {
        let pieces = ranges.map {
            $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        return "^[\(pieces.joined())]+$"
    }
}
