/// Receives the events of a connection.
///
/// All methods are called on the connection's loop. They must not block, because every other connection of the loop
/// waits meanwhile. They may call any method of the connection.
public protocol ConnectionHandler: AnyObject {
    /// Called when at least one byte has arrived.
    ///
    /// The bytes are in the loop's read buffer, at most 64 KiB at a time. Copy the bytes that you need, because the
    /// buffer is reused when the call returns.
    func received(_ bytes: Span<UInt8>)

    /// Called when the peer will send no more, because it has closed or half-closed the connection.
    ///
    /// You can still write.
    func receivedEnd()

    /// Called when the system has taken all queued bytes, or when the unwritten bytes fall from above
    /// ``Connection/waterMark`` to the mark.
    ///
    /// It is called after each batch that is written completely, even if you do not wait for it. It may be called
    /// inside ``Connection/flush()``.
    func drained()

    /// Called once when the connection is closed.
    ///
    /// It comes after all other calls, and never inside a method of the connection. The error is nil if this side
    /// closed the connection, or if both sides ended it in order.
    func closed(_ error: SocketError?)
}
