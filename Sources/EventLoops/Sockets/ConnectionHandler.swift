/// Receives the events of a connection.
///
/// All methods are called on the connection's loop. They must not block, because every other connection of the loop
/// waits meanwhile. They may call any method of the connection.
public protocol ConnectionHandler: AnyObject {
    /// Called when bytes have arrived: at least one, and at most 64 KiB.
    func received(_ bytes: Span<UInt8>)

    /// Called when the peer will send no more, because it has closed or half-closed the connection.
    ///
    /// It is called only while you read; see ``Connection/hasPeerLeft``. After the call you can still write.
    func receivedEnd()

    /// Called when the system has taken all queued bytes, or when the unwritten bytes fall from above
    /// ``Connection/waterMark`` to the mark or below.
    ///
    /// It may be called inside ``Connection/flush()``.
    func drained()

    /// Called once when the connection is closed.
    ///
    /// It comes after all other calls, and never inside a method of the connection. The error is nil if you
    /// closed the connection, or if both sides ended it in order.
    func closed(_ error: SocketError?)
}
