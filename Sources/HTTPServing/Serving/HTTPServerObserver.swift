public import EventLoops

/// Observes a server, to count and to log.
///
/// All calls come on the loops and must not block. By default each does nothing.
public protocol HTTPServerObserver: Sendable {
    /// A connection was accepted.
    func connectionOpened()
    /// A connection has closed, for any reason.
    func connectionClosed()
    /// The system refuses another connection, mostly for lack of descriptors or memory. Accepting resumes by itself.
    func acceptingPaused(_ reason: SocketError)
    /// The head of a request was read or refused, and its answer has been queued or given up.
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

/// The result of a request.
public struct HTTPAccessRecord: Sendable {
    /// The status that was sent to the client.
    public let status: HTTPStatus
    /// How many bytes of content were queued, without the head and the framing.
    public let contentBytes: Int
    /// The time from the end of the head to the end of the answer.
    public let duration: Duration
    /// Whether the answer is whole; false if it was broken off, or the client has gone.
    public let isComplete: Bool
}
