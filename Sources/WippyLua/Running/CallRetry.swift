import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

/// The retry of a call that fails: `retry` in a call's options, or in a function's `meta.options`.
struct CallRetry: Sendable, Equatable {
    /// The largest number of attempts, at least 2.
    let attemptsMax: Int

    let backoff: Backoff

    /// The kinds of errors after which the call is tried again; empty for all.
    let kinds: Set<ExactText>

    /// The kinds of errors after which the call is not tried again.
    let skippedKinds: Set<ExactText>

    /// Reads the options; nil if they do not allow a second attempt.
    init?(_ options: Value) {
        guard let attempts = options["max_attempts"]?.float, attempts >= 2 else { return nil }
        attemptsMax = Int(min(attempts, 1e6))
        let factor = options["backoff_factor"]?.float ?? 2
        let jitter = options["jitter"]?.float ?? 0.1
        backoff = Backoff(
            initial: options["initial_delay"].flatMap(Duration.init(option:)) ?? .milliseconds(100),
            factor: factor >= 1 ? factor : 1,
            most: options["max_delay"].flatMap(Duration.init(option:)) ?? .seconds(10),
            jitter: min(max(jitter, 0), 1))
        let words = { (name: String) in
            Set((options[name]?.list ?? []).compactMap { $0.string.map { ExactText($0) } })
        }
        (kinds, skippedKinds) = (words("retry_kinds"), words("skip_kinds"))
    }

    /// True if the call is tried again after an error.
    func covers(_ error: any Error) -> Bool {
        guard !(error is CancellationError), let error = error as? WippyError else { return false }
        guard error.isRetryable != false, error.kind != .cancelled, error.kind != .timeout else { return false }
        let kind = ExactText(error.kind.description)
        return !skippedKinds.contains(kind) && (kinds.isEmpty || kinds.contains(kind))
    }
}

extension CallRetry {
    /// Reads the retry from a function's `meta.options`.
    static func read(from fields: inout FieldReader) -> CallRetry? {
        fields.custom(
            "meta.options", form: .map(of: .any), default: nil,
            """
            Options for calls of the function by scripts: 'retry' with 'max_attempts', 'initial_delay', 'max_delay', \
            'backoff_factor', 'jitter', 'retry_kinds' and 'skip_kinds'.
            """
        ) { node, _ throws(FieldProblem) in
            guard case .map(let options) = try Value(reading: node) else { throw .expected("a map", got: node) }
            return options["retry"].flatMap(CallRetry.init)
        }
    }
}

extension Duration {
    /// Reads a duration of call options: a number of milliseconds, or a text such as `5s`.
    init?(option value: Value) {
        switch value {
        case .string(let text): self.init(written: text)
        default:
            guard let milliseconds = value.float, milliseconds > 0, milliseconds < 1e15 else { return nil }
            self = .milliseconds(milliseconds)
        }
    }
}
