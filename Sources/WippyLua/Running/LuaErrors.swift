import LuaEngine
import WippyDefinition
import WippyRuntime

// Only this file converts errors of the runtime to errors of scripts, and back.

/// The word of a script for a kind of error.
enum ErrorWord: String, FieldChoice {
    case notFound = "NotFound"
    case alreadyExists = "AlreadyExists"
    case invalid = "Invalid"
    case permissionDenied = "PermissionDenied"
    case unavailable = "Unavailable"
    case `internal` = "Internal"
    case cancelled = "Canceled"
    case conflict = "Conflict"
    case timeout = "Timeout"
    case rateLimited = "RateLimited"

    /// The kind that the word names.
    var kind: WippyError.Kind {
        switch self {
        case .notFound: .notFound
        case .alreadyExists: .alreadyExists
        case .invalid: .invalid
        case .permissionDenied: .permissionDenied
        case .unavailable: .unavailable
        case .internal: .internal
        case .cancelled: .cancelled
        case .conflict: .conflict
        case .timeout: .timeout
        case .rateLimited: .rateLimited
        }
    }
}

extension WippyError {
    /// Converts a script's error, which becomes the cause of the new error.
    init(_ error: LuaError) {
        let kind = ErrorWord.allCases.first { $0.rawValue.utf8.elementsEqual(error.kind.utf8) }?.kind
        self.init(kind ?? .internal, error.description, isRetryable: error.retryable, cause: error)
    }
}

extension LuaError {
    /// Converts an error of the runtime for scripts.
    ///
    /// A script's own error is returned without changes.
    ///
    /// - Parameters:
    ///   - kind: the word for an error that has no kind of its own.
    ///   - context: the script's task. It is written before the message.
    convenience init(of error: any Error, otherwise kind: String = "Internal", _ context: String? = nil) {
        let contexts = context.map { [$0] } ?? []
        switch error {
        case let error as LuaError:
            self.init(
                kind: error.kind, error.message, retryable: error.retryable, details: error.details,
                contexts: error.contexts + contexts, frames: error.frames)
        case let error as WippyError where error.cause is LuaError:
            self.init(of: error.cause ?? error, context)
        case let error as WippyError:
            let word = ErrorWord.allCases.first { $0.kind == error.kind }
            self.init(kind: word?.rawValue ?? kind, error.message, retryable: error.isRetryable, contexts: contexts)
        case is CancellationError:
            self.init(kind: "Canceled", "canceled", retryable: false, contexts: contexts)
        default:
            self.init(kind: kind, FailureReason.text(of: error), retryable: false, contexts: contexts)
        }
    }

    /// Creates an error that another attempt would not avoid.
    static func final(_ kind: String, _ message: String) -> LuaError {
        LuaError(kind: kind, message, retryable: false)
    }
}

extension LuaFailure {
    /// The error that a failed call throws.
    var thrown: any Error {
        switch reason {
        case .cancelled: CancellationError()
        case .raised: error.map { WippyError($0) } ?? WippyError(.internal, message)
        case .ranTooLong: WippyError(.timeout, "\(message); 'limits.run' is the limit", isRetryable: false)
        case .outOfMemory: WippyError(.internal, "\(message); 'limits.memory' is the limit", isRetryable: false)
        case .deadlock, .unusable: WippyError(.internal, message, isRetryable: false)
        }
    }
}
