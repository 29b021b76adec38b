public import LuaEngine
import WippyDefinition
import WippyRuntime
import WippyText

// Only this file converts errors of the runtime to errors of scripts, and back.

/// The word of a script for a kind of error.
enum ErrorWord: String, CaseIterable {
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

/// The name of a kind of errors: one of ``ErrorWord``, or a name that scripts give their own errors.
struct ErrorKindName: CheckedText {
    let text: ExactText

    static let form = FieldForm.either([.text], words: "a kind of errors, such as Conflict or a kind of your own")

    init(text: ExactText) {
        self.text = text
    }

    /// The kind of an error: the kind that its script has given it, or else the runtime's kind.
    init(of error: WippyError) {
        let own = (error.cause as? LuaError)?.kind ?? ""
        text = ExactText(own.isEmpty ? error.kind.description : own)
    }

    /// Refuses the misspelt name of a kind of the runtime.
    static func check(_ text: String, of node: Node) throws(FieldProblem) {
        if text.trimmed.isEmpty { throw FieldProblem("cannot be blank") }
        let known = ErrorWord.allCases.map(\.rawValue)
        guard !known.contains(where: { ExactText.areEqual($0, text) }),
            let nearest = Spelling.nearest(to: text, among: known)
        else { return }
        throw FieldProblem.expected("a kind of errors", got: node).suggesting(nearest)
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
    /// A script's own error is copied, with `context` if it is given.
    ///
    /// - Parameters:
    ///   - error: the error.
    ///   - kind: the word for an error that has no kind of its own. Default: `Internal`.
    ///   - context: a text that comes before the message. Default: none.
    public convenience init(of error: any Error, otherwise kind: String = "Internal", _ context: String? = nil) {
        let contexts = context.map { [$0] } ?? []
        switch error {
        case let error as LuaError:
            self.init(copying: error, contexts: contexts)
        case let error as WippyError where error.cause is LuaError:
            self.init(of: error.cause ?? error, context)
        case let error as WippyError:
            let word = ErrorWord.allCases.first { $0.kind == error.kind }
            self.init(kind: word?.rawValue ?? kind, error.message, retryable: error.isRetryable, contexts: contexts)
        case is CancellationError:
            self.init(copying: LuaError(error), contexts: contexts)
        default:
            let text = FailureReason.text(of: error)
            self.init(copying: LuaError(kind: kind, text, retryable: false), contexts: contexts, cause: error)
        }
    }

    /// Creates the error about something that does not fit into the memory of the script's state.
    package static func tooLarge(_ message: String) -> LuaError {
        final("Internal", "\(message); '\(LuaLimits.memoryField)' is the limit")
    }

    /// Creates an error that another attempt would not avoid.
    static func final(_ kind: String, _ message: String) -> LuaError {
        LuaError(kind: kind, message, retryable: false)
    }
}

extension LuaFailure {
    /// True if the call has ended because its task was cancelled, or because its process must end.
    ///
    /// A script often raises or returns the error of the call in which it waited.
    var isCancellation: Bool { reason == .cancelled || error?.cause is CancellationError }

    /// The error that a failed call throws.
    var thrown: any Error {
        guard !isCancellation else { return CancellationError() }
        return switch reason {
        case .cancelled: CancellationError()
        case .raised: error.map { WippyError($0) } ?? WippyError(.internal, message)
        case .ranTooLong: WippyError(.timeout, "\(message); '\(LuaLimits.runField)' is the limit", isRetryable: false)
        case .outOfMemory:
            WippyError(.internal, "\(message); '\(LuaLimits.memoryField)' is the limit", isRetryable: false)
        case .deadlock, .unusable: WippyError(.internal, message, isRetryable: false)
        }
    }
}
