public import EventLoops

/// Receives the events of a server, for counts and logs.
///
/// The methods are called on the server's loops, so they must not block. By default each does nothing.
public protocol HTTPServerObserver: Sendable {
    /// Called when the server begins to serve a connection.
    func connectionOpened()
    /// Called when a connection has closed and its responder has returned.
    func connectionClosed()
    /// Called when accepting pauses because of an error, such as a lack of descriptors or memory.
    ///
    /// The server accepts again by itself.
    func acceptingPaused(_ reason: SocketError)
    /// Called when the answer to a request is queued or given up, and the responder has returned.
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
    public let contentBytes: Int
    /// The time from the reading of the request's head until the call of the observer.
    public let duration: Duration
    /// True if the whole answer was queued for the client.
    public let isComplete: Bool
}
