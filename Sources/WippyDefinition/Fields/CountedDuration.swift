/// A unit of durations that are given as plain numbers.
package protocol DurationUnit: Sendable {
    static var duration: Duration { get }

    /// The unit in the plural, such as `seconds`.
    static var words: String { get }
}

/// A number of seconds.
package enum Seconds: DurationUnit {
    package static var duration: Duration { .seconds(1) }
    package static var words: String { "seconds" }
}

/// A number of milliseconds.
package enum Milliseconds: DurationUnit {
    package static var duration: Duration { .milliseconds(1) }
    package static var words: String { "milliseconds" }
}

/// A duration such as `5s`, or a number of units.
package struct CountedDuration<Unit: DurationUnit>: OrderedFieldValue {
    package let duration: Duration

    package init(_ duration: Duration) {
        self.duration = duration
    }

    package static func form(in range: ClosedRange<Self>) -> FieldForm {
        let (shortest, longest) = (range.lowerBound.duration, range.upperBound.duration)
        return .either(
            [.duration(in: shortest...longest), .number(in: shortest / Unit.duration...longest / Unit.duration)],
            words: "a time such as 5s, or \(Unit.words)")
    }

    package static var substitute: Self { Self(.zero) }

    package static var all: ClosedRange<Self> { range(Duration.all) }

    package static func range(_ durations: ClosedRange<Duration>) -> ClosedRange<Self> {
        Self(durations.lowerBound)...Self(durations.upperBound)
    }

    package var written: String { duration.written }

    package init(reading node: Node) throws(FieldProblem) {
        let seconds = (node.scalar?.isText == false ? try? Double(reading: node) : nil).map {
            $0 * (Unit.duration / .seconds(1))
        }
        if let seconds, seconds.magnitude < Self.all.upperBound.duration / .seconds(1) {
            duration = .seconds(seconds)
        } else if let text = node.scalar?.text, let time = Duration(written: text) {
            duration = time
        } else {
            throw .expected(Self.form, got: node)
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.duration < right.duration }
}
