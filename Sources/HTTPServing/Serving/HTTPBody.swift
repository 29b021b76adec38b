import EventLoops

/// A request's body: pieces as they arrive.
///
/// Reading it is what makes the client send it (`Expect: 100-continue`), and what is not read holds the client back
/// once 64 KiB wait. It can be read once, by one task at a time, until the response has been returned or, if that comes
/// in pieces, written.
public struct HTTPBody: AsyncSequence, Sendable {
    /// A piece, never empty.
    public typealias Element = [UInt8]

    /// How long the body may be, in bytes; the server's limit unless it is changed before reading.
    public var limit: Int

    let source: Source

    enum Source: Sendable {
        case connection(HTTPConnection, exchange: UInt64)
        case bytes([UInt8])
    }

    init(_ connection: HTTPConnection, exchange: UInt64) {
        source = .connection(connection, exchange: exchange)
        limit = connection.intake.bodyBytesMax
    }

    /// A body that is there already.
    public init(_ bytes: [UInt8]) {
        source = .bytes(bytes)
        limit = .max
    }

    /// Reads the whole body.
    ///
    /// - Parameter maximum: How many bytes the caller can use, if fewer than `limit`.
    /// - Throws: `HTTPBodyError`; a caller that lets it pass has the client answered as it deserves (413, 408, 400).
    public func collect(upTo maximum: Int = .max) async throws(HTTPBodyError) -> [UInt8] {
        var iterator = Iterator(source: source, limit: Swift.min(limit, maximum))
        guard var all = try await iterator.next() else { return [] }
        while let piece = try await iterator.next() { all += piece }
        return all
    }

    /// The whole body without a wait, if it is there already; nil, and nothing is read, if it is not, or is too large.
    ///
    /// - Parameter maximum: How many bytes the caller can use, if fewer than `limit`.
    /// - Throws: `HTTPBodyError`, as `collect(upTo:)`.
    public func collectAtOnce(upTo maximum: Int = .max) throws(HTTPBodyError) -> [UInt8]? {
        let limit = Swift.min(limit, maximum)
        switch source {
        case .bytes(let bytes): return bytes.count <= limit ? bytes : nil
        case .connection(let connection, let exchange):
            return try connection.wholeBody(exchange: exchange, limit: limit)
        }
    }

    /// The pieces from here on.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source, limit: limit)
    }

    /// Reads piece by piece.
    public struct Iterator: AsyncIteratorProtocol {
        private let source: Source
        private let limit: Int
        private var isAtEnd = false

        init(source: Source, limit: Int) {
            self.source = source
            self.limit = limit
        }

        /// The next piece, or nil at the body's end.
        ///
        /// Does not suspend when bytes are there already.
        ///
        /// - Throws: If the body is too large, too slow, malformed or cut off, if the client has gone or the task is
        ///   cancelled.
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

/// Why a body could not be read.
///
/// The client's fault in all cases but `unavailable`; the description is safe to show to it.
public struct HTTPBodyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, for programs.
    public enum Code: Sendable, Hashable {
        /// It is longer than its limit.
        case tooLarge
        /// It did not arrive within its time.
        case tooSlow
        /// Its framing is broken, or it is cut off.
        case malformed
        /// The client has gone.
        case disconnected
        /// The task that reads was cancelled.
        case cancelled
        /// It was read after the response, or by two tasks at once: a mistake of the responder.
        case unavailable
    }

    /// What went wrong, for programs.
    public let code: Code
    /// What the client is answered if nobody decides otherwise.
    public let status: HTTPStatus
    /// What went wrong, in a few words.
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

    static let disconnected = Self(.disconnected, .badRequest, "the client has gone")
    static let cancelled = Self(.cancelled, .serviceUnavailable, "the request was cancelled")
    static let unavailable = Self(.unavailable, .internalServerError, "the body cannot be read any more")
}
