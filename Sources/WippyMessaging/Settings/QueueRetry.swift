public import WippyDefinition
import WippyRuntime

/// The delays between the attempts to handle a message.
///
/// The page `docs/kinds/queue.queue.md` lists the fields with their defaults and ranges.
public struct QueueRetry: EntryConfig {
    /// From `initial_delay`: the delay before the first retry.
    ///
    /// If nil, the first retry follows at once, and the second after a short time.
    public var initialDelay: Duration?

    /// From `max_delay`: the longest delay before ``jitter`` changes it.
    public var maxDelay: Duration

    /// From `backoff_factor`: the factor by which the delay grows after each retry, up to ``maxDelay``.
    public var backoffFactor: Double

    /// From `jitter`: the largest share of a delay that is added or subtracted at random.
    public var jitter: Double

    /// The path of the fields.
    static let block = "retry"

    /// The delay before the second retry if the first follows at once.
    static let delayAfterImmediateRetry = Duration.milliseconds(100)

    /// Reads the fields below `retry`.
    public init(from fields: inout FieldReader) {
        initialDelay = fields.optional(
            "\(Self.block).\(Backoff.initialField)", in: .millisecondToDay,
            "The delay before the first retry. Without it, the first retry follows at once, and the second after "
                + "\(Self.delayAfterImmediateRetry.written).")
        let backoff = Backoff(
            initial: initialDelay ?? .zero, from: &fields, below: Self.block, most: .seconds(30),
            in: .millisecondToDay)
        (maxDelay, backoffFactor, jitter) = (backoff.most, backoff.factor, backoff.jitter)
    }

    /// Returns the delay after a failed attempt.
    ///
    /// - Parameters:
    ///   - attempt: the number of the attempt that failed, counted from 1.
    ///   - draw: a random number from 0 through 1. 0 subtracts the whole jitter from the delay, and 1 adds it.
    public func delay(afterAttempt attempt: Int, draw: Double) -> Duration {
        guard attempt > (initialDelay == nil ? 1 : 0) else { return .zero }
        let retries = initialDelay == nil ? attempt - 1 : attempt
        let initial = initialDelay ?? Self.delayAfterImmediateRetry
        return Backoff(initial: initial, factor: backoffFactor, most: maxDelay, jitter: jitter)
            .delay(retries - 1, draw: draw)
    }
}
