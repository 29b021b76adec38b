/// Why a call has failed.
public struct LuaFailure: Error, Sendable, CustomStringConvertible {
    /// What sort of failure.
    public enum Reason: Sendable {
        /// The script raised an error.
        case raised
        /// It ran longer than its limit without waiting for anything.
        case ranTooLong
        /// It needed more memory than its limit and the state is lost.
        case outOfMemory
        /// The calling task was cancelled.
        case cancelled
        /// Every coroutine waits for another.
        case deadlock
        /// The function does not exist, or the state cannot be used any more.
        case unusable
    }

    /// What sort of failure.
    public let reason: Reason
    /// What is wrong, with the place in the Lua file.
    public let message: String
    /// The error that was raised, if it was an error value and no text.
    public let error: LuaError?
    /// Where it was raised and who called, for the log; empty if unknown.
    public let traceback: String

    @usableFromInline
    init(_ reason: Reason, _ message: String, error: LuaError? = nil, traceback: String = "") {
        self.reason = reason
        self.message = message
        self.error = error
        self.traceback = traceback
    }

    /// How long a message may be, in bytes: it goes into the log.
    private static let messageMax = 16 << 10

    /// The beginning of a text, which may be long.
    static func text(of bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.count > messageMax else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes.prefix(messageMax), as: UTF8.self) + "…"
    }

    /// The beginning of a text, which may be long.
    static func text(of text: String) -> String {
        guard text.utf8.count > messageMax else { return text }
        var text = text
        return text.withUTF8 { Self.text(of: $0) }
    }

    /// The message.
    public var description: String { message }
}
