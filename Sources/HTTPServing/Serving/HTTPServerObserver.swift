public import EventLoops

/// Hears what a server does, to count and to log it.
///
/// All calls come on the loops and must not block; every requirement has a default that does nothing.
public protocol HTTPServerObserver: Sendable {
    /// A connection was accepted.
    func connectionOpened()
    /// A connection is gone, whoever closed it.
    func connectionClosed()
    /// The system refuses another connection, for lack of descriptors or memory in the main; accepting goes on by
    /// itself.
    func acceptingPaused(_ reason: SocketError)
    /// A request has been read as far as its head, or refused, and its answer has been queued or given up.
    ///
    /// - Parameter request: The request; nil if its head could not be read.
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

/// What became of a request.
public struct HTTPAccessRecord: Sendable {
    /// The status that the client was sent.
    public let status: HTTPStatus
    /// How many bytes of content were queued, without head and framing.
    public let contentBytes: Int
    /// From the head's end to the answer's.
    public let duration: Duration
    /// Whether the answer is whole; false if it was broken off, or its client has gone.
    public let isComplete: Bool
}
