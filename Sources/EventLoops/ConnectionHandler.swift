/// Receives what happens on a connection.
///
/// All calls come on the connection's loop, one after another. None may block, because every other connection of the
/// loop waits meanwhile. You can call any method of the connection from inside.
public protocol ConnectionHandler: AnyObject {
    /// Bytes have arrived, at least one.
    ///
    /// They are in the read buffer of the loop, at most 64 KiB at a time, and are gone when the call returns.
    func received(_ bytes: Span<UInt8>)

    /// The peer will send no more: it has closed or half-closed. No bytes are received after this. You can still write.
    func receivedEnd()

    /// Everything queued has been passed to the system, or the unwritten bytes have fallen to `Connection.waterMark`.
    ///
    /// It is called after each batch that was written whole, even if nobody waits. It may be called inside
    /// `Connection.flush()`.
    func drained()

    /// The connection is closed. This is called exactly once, after every other call, and never inside a method of the
    /// connection.
    ///
    /// The error is nil if this side closed the connection.
    func closed(_ error: SocketError?)
}
