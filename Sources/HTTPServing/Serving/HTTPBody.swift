import EventLoops

/// A request's body, in pieces as they arrive.
///
/// You can read a client's body once, in one task at a time: before you return the response, or in the closure that
/// writes the response in pieces. If you do not read it, the server holds only its beginning. A client that sent
/// `Expect: 100-continue` is asked for the body only if you read it.
public struct HTTPBody: AsyncSequence, Sendable {
    /// A piece of the body, never empty.
    public typealias Element = [UInt8]

    /// The largest number of bytes in the body.
    ///
    /// You can set another limit before you read. Default: the server's limit; for a body that was created from
    /// bytes, no limit.
    public var limit: Int

    let source: Source

    enum Source: Sendable {
        case connection(HTTPConnection, exchange: UInt64)
        case bytes([UInt8])
    }

    init(_ connection: HTTPConnection, exchange: UInt64) {
        source = .connection(connection, exchange: exchange)
        limit = connection.intake.maxBodyBytes
    }

    /// Creates a body from bytes, for tests and calls within the process.
    public init(_ bytes: [UInt8]) {
        source = .bytes(bytes)
        limit = .max
    }

    /// Reads the body to its end.
    ///
    /// - Parameter maximum: the largest number of bytes that you accept. A number above ``limit`` has no effect.
    ///   Default: ``limit``.
    /// - Throws: `HTTPBodyError` when the body cannot be read.
    public func collect(upTo maximum: Int = .max) async throws(HTTPBodyError) -> [UInt8] {
        var iterator = Iterator(source: source, limit: Swift.min(limit, maximum))
        guard var all = try await iterator.next() else { return [] }
        while let piece = try await iterator.next() { all += piece }
        return all
    }

    /// Reads the body to its end without waiting, if that is possible.
    ///
    /// For a client's body, it is possible only on the connection's loop, and only if the request has a
    /// `Content-Length`.
    ///
    /// - Parameter maximum: the largest number of bytes that you accept. A number above ``limit`` has no effect.
    ///   Default: ``limit``.
    /// - Returns: the rest of the body, or nil if the call has read nothing. After nil, call ``collect(upTo:)``. The
    ///   result is also nil for a client's body that is empty or has been read to its end.
    /// - Throws: `HTTPBodyError` when the body cannot be read.
    public func collectAtOnce(upTo maximum: Int = .max) throws(HTTPBodyError) -> [UInt8]? {
        let limit = Swift.min(limit, maximum)
        switch source {
        case .bytes(let bytes): return bytes.count <= limit ? bytes : nil
        case .connection(let connection, let exchange):
            return try connection.wholeBody(exchange: exchange, limit: limit)
        }
    }

    /// Creates an iterator that reads the body in pieces.
    ///
    /// A client's body is read from where the last reading ended. A body that was created from bytes is read from its
    /// beginning.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source, limit: limit)
    }

    /// Reads a body in pieces.
    public struct Iterator: AsyncIteratorProtocol {
        private let source: Source
        private let limit: Int
        private var isAtEnd = false

        init(source: Source, limit: Int) {
            self.source = source
            self.limit = limit
        }

        /// Returns the next piece, or nil at the end of the body.
        ///
        /// - Throws: `HTTPBodyError` when the body cannot be read.
        public mutating func next() async throws(HTTPBodyError) -> [UInt8]? {
            guard !isAtEnd else { return nil }
            let piece: [UInt8]?
            switch source {
            case .bytes(let bytes):
                guard bytes.count <= limit else { throw HTTPBodyError(.bodyTooLarge) }
                isAtEnd = true
                return bytes.isEmpty ? nil : bytes
            case .connection(let connection, let exchange):
                piece = try await connection.nextBodyPiece(exchange: exchange, limit: limit)
            }
            isAtEnd = piece == nil
            return piece
        }
    }
}

/// The error when a body cannot be read.
///
/// You can show the description to the client.
public struct HTTPBodyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of the error.
    public enum Code: Sendable, Hashable {
        /// The body is longer than its limit.
        case tooLarge
        /// The body did not arrive in time.
        case tooSlow
        /// The framing of the body is broken, or the body is cut off.
        case malformed
        /// The connection has ended.
        case disconnected
        /// The reading task was cancelled, the request was answered while the task waited, or the server has answered
        /// in place of the responder.
        case cancelled
        /// The body was read when the answer was already complete, or by two tasks at once.
        case unavailable
    }

    /// The kind of the error.
    public let code: Code
    /// The status of the answer that ``HTTPResponder/answer(to:_:)`` makes from the error by default.
    public let status: HTTPStatus
    /// The problem, in a few words.
    public let description: String

    private init(_ code: Code, _ status: HTTPStatus, _ description: String) {
        self.code = code
        self.status = status
        self.description = description
    }

    init(_ failure: RequestFailure) {
        switch failure.status {
        case .contentTooLarge: self.init(.tooLarge, failure.status, failure.reason)
        case .requestTimeout: self.init(.tooSlow, failure.status, failure.reason)
        default: self.init(.malformed, failure.status, failure.reason)
        }
    }

    static let disconnected = Self(.disconnected, .badRequest, "the client closed the connection")
    static let cancelled = Self(.cancelled, .serviceUnavailable, "the request was cancelled")
    static let unavailable = Self(
        .unavailable, .internalServerError,
        "the body cannot be read now: the answer was returned, or another task reads the body")
}
