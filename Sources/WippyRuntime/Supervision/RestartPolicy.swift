import WippyDefinition

/// How long to wait before a failed service runs again.
public struct RestartPolicy: Sendable, Hashable {
    /// The delay before the first retry.
    public var initialDelay: Duration

    /// The longest delay.
    public var maxDelay: Duration

    /// The factor from one delay to the next.
    public var backoffFactor: Double

    /// The share of a delay that is added or subtracted at random: 0 through 1.
    public var jitter: Double

    /// How many attempts in a row may fail, the first included; 0 means no limit.
    public var maxAttempts: Int

    /// How many restarts there may be within a time; nil means no limit.
    public var intensity: RestartIntensity?

    /// How far apart two attempts begin at least, so that no setting makes a service spin.
    var spacing = leastSpacing

    private static let leastSpacing = Duration.milliseconds(100)

    /// Reads `lifecycle.restart`.
    init(from fields: inout FieldReader) {
        initialDelay = fields.optional(
            "lifecycle.restart.initial_delay", default: .seconds(1), in: .zero ... .seconds(86_400),
            "The delay before the first restart. Two attempts begin at least \(Self.leastSpacing.written) apart.")
        maxDelay = fields.optional(
            "lifecycle.restart.max_delay", default: .seconds(90), in: .zero ... .seconds(86_400),
            "The longest delay.")
        backoffFactor = fields.optional(
            "lifecycle.restart.backoff_factor", default: 2, in: 1...100,
            "The factor by which the delay grows after each failure.")
        jitter = fields.optional(
            "lifecycle.restart.jitter", default: 0.1, in: 0...1,
            "The share of the delay that is added or subtracted at random.")
        maxAttempts = fields.optional(
            "lifecycle.restart.max_attempts", default: 0, in: 0...1_000_000,
            "The number of attempts in a row that may fail. 0 disables the limit.")
        intensity = RestartIntensity(from: &fields)
        if initialDelay > maxDelay {
            fields.warn(
                "lifecycle.restart.initial_delay",
                "is reduced to 'lifecycle.restart.max_delay', \(maxDelay.written)")
        }
    }

    /// Returns the delay after a failure.
    ///
    /// It is ``initialDelay`` times ``backoffFactor`` for each earlier failure, but at most ``maxDelay``. Then the
    /// ``jitter`` is added or subtracted.
    ///
    /// - Parameters:
    ///   - failures: the number of failures in a row, including this one.
    ///   - draw: a random number from 0 to below 1. One half means no jitter.
    func delay(afterFailures failures: Int, draw: Double) -> Duration {
        Backoff(initial: initialDelay, factor: backoffFactor, most: maxDelay, jitter: jitter)
            .delay(failures - 1, draw: draw)
    }
}

/// How many restarts there may be within a time, in a row or not.
///
/// Past that, the service stays down.
public struct RestartIntensity: Sendable, Hashable {
    /// The most restarts within the time.
    public var maxRestarts: Int

    /// The length of the window.
    ///
    /// The window ends at the present moment.
    public var window: Duration
}

extension RestartIntensity {
    /// Reads `lifecycle.restart.intensity`; nil if the entry sets no limit.
    init?(from fields: inout FieldReader) {
        let maxRestarts: Int? = fields.optional(
            "lifecycle.restart.intensity.max_restarts", in: 1...10_000,
            "The number of restarts that are allowed within 'window'. After that, the service stays down.")
        let window: Duration? = fields.optional(
            "lifecycle.restart.intensity.window", in: .milliseconds(1) ... .seconds(86_400),
            "The time in which restarts are counted. It needs 'lifecycle.restart.intensity.max_restarts'.")
        switch (maxRestarts, window) {
        case (let maxRestarts?, let window?): (self.maxRestarts, self.window) = (maxRestarts, window)
        case (nil, nil): return nil
        case (.some, nil):
            fields.reject("lifecycle.restart.intensity.max_restarts", "needs 'lifecycle.restart.intensity.window'")
            return nil
        case (nil, .some):
            fields.reject("lifecycle.restart.intensity.window", "needs 'lifecycle.restart.intensity.max_restarts'")
            return nil
        }
    }
}
