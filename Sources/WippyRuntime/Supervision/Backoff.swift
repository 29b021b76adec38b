import Glibc
public import WippyDefinition
import WippyText

/// The growth of a delay from one attempt to the next, for restarts of services, and retries of messages and
/// calls.
public struct Backoff: Sendable, Hashable {
    /// The first delay.
    public var initial: Duration

    /// The factor from one delay to the next.
    ///
    /// Delays shrink if it is below 1.
    public var factor: Double

    /// The longest delay, before jitter.
    public var most: Duration

    /// The largest share of a delay that is added or subtracted at random, at least 0.
    public var jitter: Double

    /// Creates the growth of a delay.
    public init(initial: Duration, factor: Double, most: Duration, jitter: Double) {
        (self.initial, self.factor, self.most, self.jitter) = (initial, factor, most, jitter)
    }

    /// Returns a delay, at least 0 and at most 100 years, whatever the values of the properties are.
    ///
    /// - Parameters:
    ///   - step: the number of the delay, counted from 0.
    ///   - draw: a random number from 0 through 1. 0 subtracts the whole jitter from the delay, 1 adds it. Default:
    ///     0.5, which changes nothing.
    public func delay(_ step: Int, draw: Double = 0.5) -> Duration {
        let initial = initial / .seconds(1)
        // The power may be infinite. Zero times infinity would not be a number.
        let grown = initial > 0 ? initial * pow(factor, Double(step)) : 0
        let capped = min(grown, most / .seconds(1))
        let seconds = capped * (1 + jitter * (2 * draw - 1))
        // What is not a number is not above zero.
        guard seconds > 0 else { return .zero }
        guard seconds < .century / .seconds(1) else { return .century }
        return .nanoseconds(Int64((seconds * 1e9).rounded()))
    }
}

extension Backoff {
    /// Reads the fields `max_delay`, `backoff_factor` and `jitter` of a block such as `retry`.
    ///
    /// A first delay that is longer than `max_delay` is a warning at ``initialField``.
    ///
    /// - Parameters:
    ///   - initial: the first delay, from the field ``initialField`` of the block or a default.
    ///   - fields: the reader of the entry's fields.
    ///   - block: the path of the block.
    ///   - most: the default of `max_delay`.
    ///   - range: the values that `max_delay` can have.
    ///   - isLenient: true to accept what wippy accepts for the calls of functions: milliseconds as plain numbers, and
    ///     every factor and jitter from 0 to a million, where a factor of 0 means 2. Default: false, so that the factor
    ///     is 1 through 100 and the jitter 0 through 1.
    public init(
        initial: Duration, from fields: inout FieldReader, below block: String, most: Duration,
        in range: ClosedRange<Duration>, isLenient: Bool = false
    ) {
        self.initial = initial
        let (maxDelay, help) = ("\(block).max_delay", "The longest delay, before jitter.")
        typealias Counted = CountedDuration<Milliseconds>
        self.most =
            isLenient
            ? fields.optional(maxDelay, default: Counted(most), in: Counted.range(range), help).duration
            : fields.optional(maxDelay, default: most, in: range, help)
        let any = 0.0...1_000_000
        let factor: Double = fields.optional(
            "\(block).backoff_factor", default: Self.usualFactor, in: isLenient ? any : 1...100,
            "The factor by which the delay grows each time."
                + (isLenient ? " 0 means \(Self.usualFactor.written)." : ""))
        self.factor = factor == 0 ? Self.usualFactor : factor
        jitter = fields.optional(
            "\(block).jitter", default: 0.1, in: isLenient ? any : 0...1,
            "The largest share of the delay that is added or subtracted at random."
                + (isLenient ? " A delay is never below 0." : ""))
        if initial > self.most {
            fields.warn("\(block).\(Self.initialField)", "is reduced to '\(maxDelay)', \(self.most.written)")
        }
    }

    /// The name of the field with the first delay in a block.
    public static let initialField = "initial_delay"

    private static let usualFactor = 2.0
}
