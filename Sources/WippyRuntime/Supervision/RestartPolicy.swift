import Glibc
import WippyDefinition

/// How long to wait before a failed service runs again.
public struct RestartPolicy: Sendable, Hashable {
    /// Before the first retry.
    public var initialDelay: Duration

    /// The most that a delay grows to.
    public var maxDelay: Duration

    /// What each delay is multiplied by for the next.
    public var backoffFactor: Double

    /// The part of a delay that is added or taken away at random: 0 through 1.
    public var jitter: Double

    /// How many failed attempts there may be in a row, the first included; 0 is no limit.
    public var maxAttempts: Int

    /// How far apart two attempts begin at least, so that no setting makes a service spin.
    var spacing = Duration.milliseconds(100)

    /// Reads `lifecycle.restart`.
    init(from fields: inout FieldReader) {
        initialDelay = fields.optional(
            "lifecycle.restart.initial_delay", default: .seconds(1), in: .zero ... .seconds(86_400),
            "The delay before the first retry; two attempts begin at least 100ms apart.")
        maxDelay = fields.optional(
            "lifecycle.restart.max_delay", default: .seconds(90), in: .zero ... .seconds(86_400),
            "The most that the delay grows to.")
        backoffFactor = fields.optional(
            "lifecycle.restart.backoff_factor", default: 2, in: 1...100,
            "What the delay is multiplied by after each failure.")
        jitter = fields.optional(
            "lifecycle.restart.jitter", default: 0.1, in: 0...1,
            "The part of the delay that is added or taken away at random.")
        maxAttempts = fields.optional(
            "lifecycle.restart.max_attempts", default: 0, in: 0...1_000_000,
            "How many failed attempts there may be in a row; 0 is no limit.")
    }

    /// How long to wait after a failure: ``initialDelay`` times ``backoffFactor`` for each failure before it, at most
    /// ``maxDelay``, and then more or less by the ``jitter``.
    ///
    /// - Parameters:
    ///   - failures: how many there were in a row, this one included.
    ///   - draw: a random number from 0 to below 1; one half is no jitter.
    func delay(afterFailures failures: Int, draw: Double) -> Duration {
        let initial = initialDelay / .seconds(1)
        // The power may be infinite; only then could zero times it be no number.
        let grown = initial > 0 ? initial * pow(backoffFactor, Double(failures - 1)) : 0
        let capped = min(grown, maxDelay / .seconds(1))
        return .seconds(capped * (1 + jitter * (2 * draw - 1)))
    }
}
