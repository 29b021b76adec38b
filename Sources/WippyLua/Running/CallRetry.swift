import WippyDefinition
import WippyRuntime

/// The retry of a call that fails.
struct CallRetry: Sendable, Equatable {
    /// The largest number of attempts.
    let maxAttempts: Int

    let backoff: Backoff

    /// The kinds of errors after which the call is tried again; empty for all.
    let kinds: [ErrorKindName]

    /// The kinds of errors after which the call is not tried again.
    let skippedKinds: [ErrorKindName]

    /// Reads the fields below `retry`; nil if they do not set the number of attempts.
    init?(from fields: inout FieldReader) {
        let fieldsBefore = fields.places.count
        let attempts: ScriptInteger? = fields.optional(
            Self.attemptsField, in: 0...1_000_000, defaultsTo: "no retry",
            "The largest number of attempts when a script calls the function and the call fails. 0 and 1 mean no retry."
        )
        let setsAttempts = fields.places.count > fieldsBefore
        typealias Delay = CountedDuration<Milliseconds>
        let initial = fields.optional(
            "\(Self.block).\(Backoff.initialField)", default: Delay(.milliseconds(100)), in: Delay.range(.zeroToDay),
            "The delay before the second attempt.")
        backoff = Backoff(
            initial: initial.duration, from: &fields, below: Self.block, most: .seconds(10), in: .zeroToDay,
            isLenient: true)
        kinds = fields.optional(
            "\(Self.block).retry_kinds", default: [],
            "The kinds of errors after which the call is tried again. `[]` means all kinds. A call is never tried "
                + "again after Timeout, Canceled, or an error that is not retryable.")
        skippedKinds = fields.optional(
            "\(Self.block).skip_kinds", default: [], "The kinds of errors after which the call is not tried again.")
        guard let attempts = attempts?.number else {
            if !setsAttempts, fields.places.count > fieldsBefore {
                fields.warn(Self.block, "has no effect without '\(Self.attempts)'")
            }
            return nil
        }
        maxAttempts = max(attempts, 1)
        if maxAttempts == 1 {
            fields.warnIfWritten(
                below: Self.block, except: Self.attemptsField, because: "'\(Self.attemptsField)' is \(attempts)")
        }
    }

    /// The path of the fields.
    private static let block = "retry"
    private static let attempts = "max_attempts"
    private static let attemptsField = "\(block).\(attempts)"

    /// True if the call is tried again after an error.
    func covers(_ error: any Error) -> Bool {
        guard !(error is CancellationError), let error = error as? WippyError else { return false }
        guard error.isRetryable != false, error.kind != .cancelled, error.kind != .timeout else { return false }
        let kind = ErrorKindName(of: error)
        return !skippedKinds.contains(kind) && (kinds.isEmpty || kinds.contains(kind))
    }
}
