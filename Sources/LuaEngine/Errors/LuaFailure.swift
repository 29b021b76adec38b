/// The failure of a call.
public struct LuaFailure: Error, Sendable, CustomStringConvertible {
    /// The reason for a failure.
    public enum Reason: Sendable {
        /// The script raised an error and did not catch it, or a closure that was passed to the call threw one.
        case raised
        /// The call ran longer than its limit without a wait.
        case ranTooLong
        /// The call reached four times the memory limit of its state, or there was no memory for a new state.
        ///
        /// A script that exceeds the limit by less may get an error, which it can catch. If it does not catch the
        /// error, the reason is `raised`.
        case outOfMemory
        /// The calling task was cancelled.
        case cancelled
        /// Every coroutine of the call waits, and nothing is left that can wake one.
        case deadlock
        /// The call could not begin: the program cannot be loaded, the state runs another call, or the state is
        /// unusable.
        case unusable
    }

    /// The reason for the failure.
    public let reason: Reason
    /// The text that describes the failure.
    ///
    /// If the script raised a text, the message usually begins with the place in the Lua file.
    public let message: String
    /// The error that the call raised; nil if it raised another value, and for every ``reason`` except `raised`.
    public let error: LuaError?
    /// The call stack where the error was raised, as text for the log; empty if it is not known.
    public let traceback: String

    @usableFromInline
    init(_ reason: Reason, _ message: String, error: LuaError? = nil, traceback: String = "") {
        self.reason = reason
        self.message = message
        self.error = error
        self.traceback = traceback
    }

    /// Creates the failure of a call in which Swift code threw an error.
    @usableFromInline
    init(raised error: LuaError) {
        self.init(.raised, error.description, error: error)
    }

    /// The largest length of a message in bytes, because messages go into the log.
    static let maxMessageBytes = 16 << 10

    /// Returns the beginning of a text, which may be long.
    static func text(of bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count > maxMessageBytes else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes.prefix(maxMessageBytes), as: UTF8.self) + "…"
    }

    /// Returns the beginning of a text, which may be long.
    static func text(of text: String) -> String {
        guard text.utf8.count > maxMessageBytes else { return text }
        var text = text
        return text.withUTF8 { Self.text(of: $0) }
    }

    /// The message.
    public var description: String { message }
}
