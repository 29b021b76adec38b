/// A set of ASCII characters that a text can consist of.
///
/// One alphabet serves to check a field's value and to write the pattern of its form.
public struct Alphabet: Sendable {
    /// The digits 0 to 9.
    public static let digits = Alphabet("0"..."9")

    private let ranges: [ClosedRange<Unicode.Scalar>]

    /// Creates an alphabet from ranges of characters.
    public init(_ ranges: ClosedRange<Unicode.Scalar>...) { self.ranges = ranges }

    /// Returns whether a text consists of these characters only, and has at least one.
    public func spells(_ text: String) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy { scalar in ranges.contains { $0.contains(scalar) } }
    }

    /// The regular expression that matches the texts for which ``spells(_:)`` is true.
    public var pattern: String {
        let pieces = ranges.map {
            $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        return "^[\(pieces.joined())]+$"
    }
}
