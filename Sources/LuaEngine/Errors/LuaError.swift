import WippyText

/// An error that scripts can examine, usually with a kind.
///
/// A script sees a value with the methods `kind`, `message`, `retryable`, `details` and `stack`. A host function
/// usually returns an error as its second result, after nil. If it throws the error, the error is raised in the script.
public final class LuaError: Error, Sendable, CustomStringConvertible {
    /// The kind, such as "NotFound", "Invalid" or "Internal"; empty if the error has none.
    public let kind: String
    /// The text that describes the error.
    public let message: String
    /// True if another attempt may succeed; nil if that is not known.
    public let retryable: Bool?
    /// Details of the error, usually a `.object`; `.nil` for none.
    public let details: LuaValue
    /// The texts that come before the message, the latest last.
    public let contexts: [String]
    /// The call stack where the error was created, the innermost call first; empty if it is not known.
    ///
    /// An error that `errors.wrap` returns has the call stack of the wrapped error.
    public let frames: [LuaFrame]
    /// The Swift error that this error tells scripts about; nil if there is none.
    package let cause: (any Error)?

    /// Creates an error.
    public init(
        kind: String = "", _ message: String, retryable: Bool? = nil, details: LuaValue = .nil,
        contexts: [String] = [], frames: [LuaFrame] = []
    ) {
        self.kind = kind
        self.message = message
        self.retryable = retryable
        self.details = details
        self.contexts = contexts
        self.frames = frames
        cause = nil
    }

    /// Creates a copy of an error.
    ///
    /// - Parameters:
    ///   - error: the error.
    ///   - contexts: texts that come before those of the error. Default: none.
    ///   - cause: the error that the copy tells scripts about. Default: the one of the error.
    package init(copying error: LuaError, contexts: [String] = [], cause: (any Error)? = nil) {
        (kind, message, retryable, details) = (error.kind, error.message, error.retryable, error.details)
        (self.contexts, frames) = (error.contexts + contexts, error.frames)
        self.cause = cause ?? error.cause
    }

    /// Creates an error from any other error.
    ///
    /// A `LuaError` is copied. A `CancellationError` gets the kind `Canceled`, and any other error the kind `Internal`.
    /// Except in a copy, `retryable` is false.
    public convenience init(_ error: any Error) {
        if let error = error as? LuaError {
            self.init(copying: error)
        } else if error is CancellationError {
            self.init(copying: LuaError(kind: "Canceled", "canceled", retryable: false), cause: error)
        } else {
            self.init(kind: "Internal", ErrorText.description(of: error), retryable: false)
        }
    }

    /// The ``contexts``, the latest first, and then the message, joined by colons.
    ///
    /// If the text is longer than 16 KiB, the rest is cut off.
    public var description: String {
        LuaFailure.text(of: contexts.isEmpty ? message : (contexts.reversed() + [message]).joined(separator: ": "))
    }

    /// The approximate number of bytes that the error takes.
    fileprivate var size: Int {
        contexts.reduce(message.utf8.count + 128 * frames.count + details.size) { $0 + 16 + $1.utf8.count }
    }

    /// The description, and then each frame on its own line.
    public var stackText: String {
        ([description] + frames.map { frame in "  at \(frame)" }).joined(separator: "\n")
    }
}

extension LuaStack {
    /// Pushes an error onto the stack.
    public func push(_ error: LuaError) {
        push(error, as: LuaError.objectType, holding: error.size)
    }

    /// Pushes nil and an error, and returns the verdict with two results.
    public func fail(_ error: LuaError) -> LuaVerdict {
        pushNil()
        push(error)
        return .results(2)
    }

    /// The error at a position; nil if the value is not an error.
    public func error(at index: Int) -> LuaError? {
        object(at: index, as: LuaError.objectType)
    }
}
