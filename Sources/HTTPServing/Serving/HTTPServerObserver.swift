public import EventLoops

/// Receives the events of a server, for counts and logs.
///
/// All methods are called on the server's loops, and must not block. By default each does nothing.
public protocol HTTPServerObserver: Sendable {
    /// Called when a connection is accepted.
    func connectionOpened()
    /// Called when a connection has closed, for any reason, and its responder has returned.
    func connectionClosed()
    /// Called when the system refuses another connection, mostly for lack of descriptors or memory.
    ///
    /// The server accepts again by itself.
    func acceptingPaused(_ reason: SocketError)
    /// Called when the answer to a request is queued or given up.
    ///
    /// It is also called for a request whose head was refused. If the server has answered in place of the responder, it
    /// is called when the responder returns.
    ///
    /// - Parameters:
    ///   - request: the request; nil if its head could not be read.
    ///   - record: the status, size and time of the answer.
    func answered(_ request: HTTPRequest?, _ record: HTTPAccessRecord)
}

extension HTTPServerObserver {
    /// Does nothing.
    public func connectionOpened() {}
    /// Does nothing.
    public func connectionClosed() {}
    /// Does nothing.
    public func acceptingPaused(_ reason: SocketError) {}
    /// Does nothing.
    public func answered(_ request: HTTPRequest?, _ record: HTTPAccessRecord) {}
}

/// The status, size and time of the answer to a request.
public struct HTTPAccessRecord: Sendable {
    /// The status of the answer.
    public let status: HTTPStatus
    /// The number of bytes of content that were queued, without the head and the framing.
    ///
    /// It is 0 if the server has answered because the responder's time was up, or because its stop was cancelled.
    public let contentBytes: Int
    /// The time from the reading of the request's head until the answer was queued or given up.
    ///
    /// If the server has answered because the responder's time was up, or because its stop was cancelled, the time ends
    /// when the responder returns.
    public let duration: Duration
    /// True if the answer is complete; false if it was broken off, or if the client has gone.
    public let isComplete: Bool
}
