/// Receives the events of a connection.
///
/// All methods are called on the connection's loop, one after another. They must not block, because every other
/// connection of the loop waits meanwhile. They may call any method of the connection.
public protocol ConnectionHandler: AnyObject {
    /// Called when at least one byte has arrived.
    ///
    /// The bytes are in the loop's read buffer, at most 64 KiB at a time. They are gone when the call returns.
    func received(_ bytes: Span<UInt8>)

    /// Called when the peer will send no more: it has closed or half-closed the connection. You can still write.
    func receivedEnd()

    /// Called when the system has taken all queued bytes, or when the unwritten bytes fall to ``Connection/waterMark``.
    ///
    /// It is called after each batch that was written whole, even if nobody waits for it. It may be called inside
    /// ``Connection/flush()``.
    func drained()

    /// Called once when the connection is closed, after every other call, and never inside a method of the connection.
    ///
    /// The error is nil if this side closed the connection, or if both sides have ended it in order.
    func closed(_ error: SocketError?)
}
