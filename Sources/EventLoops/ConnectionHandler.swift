/// What a connection tells the protocol above it.
///
/// All calls come on the connection's loop, one after another. None of them may block: every other connection of the
/// loop waits meanwhile. Any of the connection's methods may be called from inside.
public protocol ConnectionHandler: AnyObject {
    /// Bytes have arrived; never none.
    ///
    /// They lie in the loop's one read buffer, so at most 64 KiB at a time, and are gone when the call returns.
    func received(_ bytes: Span<UInt8>)

    /// The peer will send no more (it closed, or half-closed); nothing is received after this. Writing is still legal.
    func receivedEnd()

    /// Everything queued has been given to the system, or what is unwritten has fallen to
    /// `Connection.waterMark` from above.
    ///
    /// Called after each batch that went out whole, so also when nobody was waiting; may be called inside
    /// `Connection.flush()`.
    func drained()

    /// The connection is gone: called exactly once, after every other call, and never inside one of the connection's
    /// methods.
    ///
    /// The error is nil if this side closed it.
    func closed(_ error: SocketError?)
}
