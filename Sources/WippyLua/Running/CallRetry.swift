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

    /// The names of the options.
    private enum Option: String, CaseIterable {
        case maxAttempts = "max_attempts"
        case initialDelay = "initial_delay"
        case maxDelay = "max_delay"
        case backoffFactor = "backoff_factor"
        case jitter
        case kinds = "retry_kinds"
        case skippedKinds = "skip_kinds"
    }

    /// Reads the options; nil if they do not allow a second attempt.
    init?(_ options: Value) {
        let value = { (option: Option) in options[option.rawValue] }
        guard let attempts = value(.maxAttempts)?.float, attempts >= 2 else { return nil }
        attemptsMax = Int(min(attempts, 1e6))
        let factor = value(.backoffFactor)?.float ?? 2
        let jitter = value(.jitter)?.float ?? 0.1
        backoff = Backoff(
            initial: value(.initialDelay).flatMap(Duration.init(option:)) ?? .milliseconds(100),
            factor: factor >= 1 ? factor : 1,
            most: value(.maxDelay).flatMap(Duration.init(option:)) ?? .seconds(10),
            jitter: min(max(jitter, 0), 1))
        let words = { (option: Option) in
            Set((value(option)?.list ?? []).compactMap { $0.string.map { ExactText($0) } })
        }
        (kinds, skippedKinds) = (words(.kinds), words(.skippedKinds))
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
        let names = Option.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return fields.custom(
            "meta.options", form: .map(of: .any), default: nil,
            "Options for calls of the function by scripts: 'retry' is a map with \(names)."
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
