/// An error with a kind: for scripts a value with the methods `kind`, `message`, `retryable`, `details`, `stack`.
///
/// Host functions return one as a second result, or throw it to raise it.
public final class LuaError: Error, Sendable, CustomStringConvertible {
    /// What sort of error: "NotFound", "Invalid", "Internal", or an empty text.
    public let kind: String
    /// What is wrong.
    public let message: String
    /// Whether a further attempt may succeed, where that is known.
    public let retryable: Bool?
    /// More about it: an object, or nil.
    public let details: LuaValue
    /// What `errors.wrap` has added, the latest last.
    public let contexts: [String]
    /// Where it was made, innermost first.
    public let frames: [LuaFrame]

    /// An error of a kind.
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
    }

    /// The error itself if it is one, otherwise one of the kind `Canceled` or `Internal` with its text.
    public convenience init(_ error: any Error) {
        if let error = error as? LuaError {
            self.init(
                kind: error.kind, error.message, retryable: error.retryable, details: error.details,
                contexts: error.contexts, frames: error.frames)
        } else if error is CancellationError {
            self.init(kind: "Canceled", "canceled", retryable: false)
        } else {
            self.init(kind: "Internal", "\(error)", retryable: false)
        }
    }

    /// The message, with what wrapped it before it; the beginning of it, if it is longer than 16 KiB.
    public var description: String {
        LuaFailure.text(of: contexts.isEmpty ? message : (contexts.reversed() + [message]).joined(separator: ": "))
    }

    /// How many bytes the texts of the error take.
    fileprivate var size: Int {
        contexts.reduce(message.utf8.count + 128 * frames.count + details.size) { $0 + 16 + $1.utf8.count }
    }

    /// The contexts and the frames, one a line.
    public var stackText: String {
        ([description] + frames.map { frame in "  at \(frame)" }).joined(separator: "\n")
    }
}

extension LuaStack {
    /// Pushes an error as a value.
    public func push(_ error: LuaError) {
        push(error, as: LuaError.objectType, holding: error.size)
    }

    /// Pushes nil and an error, and gives both as results: how most functions fail.
    public func fail(_ error: LuaError) -> LuaVerdict {
        pushNil()
        push(error)
        return .results(2)
    }

    /// The error at a position, if the value is one.
    public func error(at index: Int) -> LuaError? {
        object(at: index, as: LuaError.objectType)
    }
}
