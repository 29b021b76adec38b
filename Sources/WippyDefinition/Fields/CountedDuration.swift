/// A unit of durations that are written as plain numbers; see ``CountedDuration``.
public protocol DurationUnit: Sendable {
    /// The duration of one unit.
    static var duration: Duration { get }

    /// The unit in the plural, such as `seconds`.
    static var words: String { get }
}

/// The unit for numbers that count seconds.
public enum Seconds: DurationUnit {
    /// One second.
    public static var duration: Duration { .seconds(1) }
    /// The word `seconds`.
    public static var words: String { "seconds" }
}

/// The unit for numbers that count milliseconds.
public enum Milliseconds: DurationUnit {
    /// One millisecond.
    public static var duration: Duration { .milliseconds(1) }
    /// The word `milliseconds`.
    public static var words: String { "milliseconds" }
}

/// A duration such as `5s`, or a number of units, such as 5 or 0.5.
///
/// Use it for a value that code may give as a number, such as an option of a script or a header of a message:
///
/// ```swift
/// let timeout: CountedDuration<Seconds>? = fields.optional(
///     "timeout", in: CountedDuration.range(.zeroToDay), "The longest time for an answer.")
/// ```
public struct CountedDuration<Unit: DurationUnit>: OrderedFieldValue {
    /// The duration.
    public let duration: Duration

    /// Creates a value.
    public init(_ duration: Duration) {
        self.duration = duration
    }

    /// Returns the form of a field whose value must be in a range.
    public static func form(in range: ClosedRange<Self>) -> FieldForm {
        let (shortest, longest) = (range.lowerBound.duration, range.upperBound.duration)
        return .either(
            [.duration(in: shortest...longest), .number(in: shortest / Unit.duration...longest / Unit.duration)],
            words: "a time such as 5s, or \(Unit.words)")
    }

    /// The value that stands in for one that cannot be read: a duration of zero.
    public static var substitute: Self { Self(.zero) }

    /// The range of all values that a field can have.
    public static var all: ClosedRange<Self> { range(Duration.all) }

    /// Returns the range of the values whose durations are in a range.
    public static func range(_ durations: ClosedRange<Duration>) -> ClosedRange<Self> {
        Self(durations.lowerBound)...Self(durations.upperBound)
    }

    /// The duration as it is written in a definition file, such as `5s`.
    public var written: String { duration.written }

    /// Reads a duration or a number.
    ///
    /// - Throws: ``FieldProblem`` for anything else, such as the text `"5"`, and for a number beyond ``all``.
    public init(reading node: Node) throws(FieldProblem) {
        let seconds = (try? Double(reading: node)).map { $0 * (Unit.duration / .seconds(1)) }
        if let seconds, seconds.magnitude < Self.all.upperBound.duration / .seconds(1) {
            duration = .seconds(seconds)
        } else if let text = node.scalar?.text, let time = Duration(written: text) {
            duration = time
        } else {
            throw .expected(Self.form, got: node)
        }
    }

    /// Orders values by their durations.
    public static func < (left: Self, right: Self) -> Bool { left.duration < right.duration }
}
