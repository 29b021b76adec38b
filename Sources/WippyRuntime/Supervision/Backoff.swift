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
    /// Reads the fields `backoff_factor` and `jitter` of a block such as `retry`.
    ///
    /// - Parameters:
    ///   - fields: the reader of the entry's fields.
    ///   - block: the path of the block.
    ///   - isLenient: true to accept every number from 0 to a million, as wippy does for the calls of functions. Then a
    ///     factor of 0 means 2. Default: false, so that the factor is 1 through 100 and the jitter 0 through 1.
    public static func growth(
        from fields: inout FieldReader, below block: String, isLenient: Bool = false
    ) -> (factor: Double, jitter: Double) {
        let any = 0.0...1_000_000
        let factor: Double = fields.optional(
            "\(block).backoff_factor", default: usualFactor, in: isLenient ? any : 1...100,
            "The factor by which the delay grows each time." + (isLenient ? " 0 means \(usualFactor.written)." : ""))
        let jitter = fields.optional(
            "\(block).jitter", default: 0.1, in: isLenient ? any : 0...1,
            "The largest share of the delay that is added or subtracted at random."
                + (isLenient ? " A delay is never below 0." : ""))
        return (factor == 0 ? usualFactor : factor, jitter)
    }

    private static let usualFactor = 2.0

    /// Reports a warning if the `initial_delay` of a block is longer than its `max_delay`.
    ///
    /// - Parameters:
    ///   - initial: the value of `initial_delay`.
    ///   - most: the value of `max_delay`.
    ///   - block: the path of the block.
    ///   - fields: the reader that has read the two fields.
    public static func warn(
        ofReduced initial: Duration, to most: Duration, below block: String, in fields: inout FieldReader
    ) {
        guard initial > most else { return }
        fields.warn("\(block).initial_delay", "is reduced to '\(block).max_delay', \(most.written)")
    }
}
