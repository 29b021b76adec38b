public import WippyDefinition

/// A whole number among the options that a script gives.
///
/// The script can give a number with a fraction. The fraction is cut, as `checkInteger` cuts it.
public struct ScriptInteger: OrderedFieldValue, ExpressibleByIntegerLiteral {
    /// The whole number.
    public let number: Int

    /// Creates a value.
    public init(_ number: Int) {
        self.number = number
    }

    /// Creates a value from a literal such as `80`.
    public init(integerLiteral number: Int) {
        self.number = number
    }

    /// Returns the form of an option whose value must be in a range.
    public static func form(in range: ClosedRange<ScriptInteger>) -> FieldForm {
        .integer(in: range.lowerBound.number...range.upperBound.number)
    }

    /// The value that stands in for one that cannot be read: 0.
    public static var substitute: ScriptInteger { 0 }

    /// The range of all values.
    public static var all: ClosedRange<ScriptInteger> { ScriptInteger(.min)...ScriptInteger(.max) }

    /// Reads a number and cuts its fraction.
    ///
    /// - Throws: `FieldProblem` for anything else, and for a number outside the range of `Int`.
    public init(reading node: Node) throws(FieldProblem) {
        let cut = (try? Double(reading: node)).flatMap { Int(exactly: $0.rounded(.towardZero)) }
        guard let number = (try? Int(reading: node)) ?? cut else { throw .expected(Self.form, got: node) }
        self.number = number
    }

    /// The number in digits.
    public var written: String { number.written }

    /// Orders values by their numbers.
    public static func < (left: ScriptInteger, right: ScriptInteger) -> Bool { left.number < right.number }
}
