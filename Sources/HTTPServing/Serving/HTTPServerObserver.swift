public import EventLoops

/// Observes a server, for counts and logs.
///
/// All methods are called on the server's loops and must not block. The default of each does nothing.
public protocol HTTPServerObserver: Sendable {
    /// Called when a connection was accepted.
    func connectionOpened()
    /// Called when a connection has closed, for any reason.
    func connectionClosed()
    /// Called when the system refuses another connection, mostly for lack of descriptors or memory. The server accepts
    /// again by itself.
    func acceptingPaused(_ reason: SocketError)
    /// Called when the answer to a request has been queued or given up. The request may have been refused because of
    /// its head.
    ///
    /// - Parameters:
    ///   - request: the request; nil if its head could not be read.
    ///   - record: the result.
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

/// The result of a request: its status, size and time.
public struct HTTPAccessRecord: Sendable {
    /// The status of the answer.
    public let status: HTTPStatus
    /// The number of bytes of content that were queued, without the head and the framing.
    public let contentBytes: Int
    /// The time from the end of the request's head until the answer was queued or given up.
    public let duration: Duration
    /// True if the answer is whole; false if it was broken off, or if the client has gone.
    public let isComplete: Bool
}
