import WippyDefinition

/// The rules for restarts of a failed service.
///
/// By these rules, two attempts begin at least 100 milliseconds apart.
public struct RestartPolicy: Sendable, Hashable {
    /// The delay before the first restart, without its jitter.
    ///
    /// If it is longer than ``maxDelay``, ``maxDelay`` is the first delay. Even with no delay, there is a least
    /// time between the beginnings of two attempts.
    public var initialDelay: Duration

    /// The longest delay of a restart, without its jitter.
    public var maxDelay: Duration

    /// The factor by which the delay grows after each restart.
    public var backoffFactor: Double

    /// The largest share of a delay that is added or subtracted at random.
    public var jitter: Double

    /// The number of failed attempts in a row after which the service stays down; 0 for no limit.
    public var maxAttempts: Int

    /// The limit on the restarts within a window of time; nil for no limit.
    public var intensity: RestartIntensity?

    /// The shortest time from the beginning of an attempt to the beginning of the next.
    ///
    /// It keeps a service from running again without a pause, whatever the settings are.
    var spacing = leastSpacing

    private static let leastSpacing = Duration.milliseconds(100)

    /// The path of the fields.
    fileprivate static let block = "\(LifecyclePolicy.block).restart"

    /// Reads `lifecycle.restart`.
    init(from fields: inout FieldReader) {
        let initial = fields.optional(
            "\(Self.block).\(Backoff.initialField)", default: .seconds(1), in: .zeroToDay,
            "The delay before the first restart. Two attempts begin at least \(Self.leastSpacing.written) apart.")
        let backoff = Backoff(
            initial: initial, from: &fields, below: Self.block, most: .seconds(90), in: .zeroToDay)
        (initialDelay, maxDelay) = (initial, backoff.most)
        (backoffFactor, jitter) = (backoff.factor, backoff.jitter)
        maxAttempts = fields.optional(
            "\(Self.block).max_attempts", default: 0, in: 0...1_000_000,
            "The number of failed attempts in a row after which the service stays down. 0 disables the limit.")
        intensity = RestartIntensity(from: &fields)
        if maxAttempts == 1 {
            let kept = "\(Self.block).max_attempts"
            fields.warnIfWritten(below: Self.block, except: kept, because: "'\(kept)' is 1")
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

/// A limit on the restarts of a service within a window of time.
///
/// Every restart in the window counts, even if the service ran well before it failed again. A service that needs more
/// restarts stays down.
public struct RestartIntensity: Sendable, Hashable {
    /// The number of restarts that are allowed within the window.
    public var maxRestarts: Int

    /// The length of the window: the time before a failure in which the supervisor counts the restarts.
    public var window: Duration
}

extension RestartIntensity {
    /// Reads `lifecycle.restart.intensity`; nil if the entry sets no limit.
    init?(from fields: inout FieldReader) {
        let (maxRestartsField, windowField) = (
            "\(RestartPolicy.block).intensity.max_restarts", "\(RestartPolicy.block).intensity.window"
        )
        let maxRestarts: Int? = fields.optional(
            maxRestartsField, in: 1...10_000,
            "The number of restarts that are allowed within 'window'. A service that needs more stays down.")
        let window: Duration? = fields.optional(
            windowField, in: .millisecondToDay,
            "The time in which restarts are counted. It needs '\(maxRestartsField)'.")
        switch (maxRestarts, window) {
        case (let maxRestarts?, let window?): (self.maxRestarts, self.window) = (maxRestarts, window)
        case (nil, nil): return nil
        case (.some, nil):
            fields.reject(maxRestartsField, "needs '\(windowField)'", unlessMisspelt: [windowField])
            return nil
        case (nil, .some):
            fields.reject(windowField, "needs '\(maxRestartsField)'", unlessMisspelt: [maxRestartsField])
            return nil
        }
    }
}
