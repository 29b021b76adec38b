import EventLoops

/// A request's body, in pieces as they arrive.
///
/// Reading the body makes the client send it (`Expect: 100-continue`). If you do not read it, the client is held back
/// once 64 KiB wait. You can read it once, by one task at a time, until you have returned the response or, for a
/// response in pieces, written it.
public struct HTTPBody: AsyncSequence, Sendable {
    /// A piece, never empty.
    public typealias Element = [UInt8]

    /// How many bytes the body may have.
    ///
    /// It is the server's limit unless you change it before reading.
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

    /// Creates a body from bytes.
    public init(_ bytes: [UInt8]) {
        source = .bytes(bytes)
        limit = .max
    }

    /// Reads the whole body.
    ///
    /// - Parameter maximum: how many bytes you accept, if fewer than `limit`.
    /// - Throws: `HTTPBodyError`. If you do not catch it, the client gets the right status: 413, 408 or 400.
    public func collect(upTo maximum: Int = .max) async throws(HTTPBodyError) -> [UInt8] {
        var iterator = Iterator(source: source, limit: Swift.min(limit, maximum))
        guard var all = try await iterator.next() else { return [] }
        while let piece = try await iterator.next() { all += piece }
        return all
    }

    /// Reads the whole body without waiting; nil if it has not all arrived, or is too large.
    ///
    /// In these cases nothing is read.
    ///
    /// - Parameter maximum: how many bytes you accept, if fewer than `limit`.
    /// - Throws: `HTTPBodyError`, as `collect(upTo:)`.
    public func collectAtOnce(upTo maximum: Int = .max) throws(HTTPBodyError) -> [UInt8]? {
        let limit = Swift.min(limit, maximum)
        switch source {
        case .bytes(let bytes): return bytes.count <= limit ? bytes : nil
        case .connection(let connection, let exchange):
            return try connection.wholeBody(exchange: exchange, limit: limit)
        }
    }

    /// Reads the body in pieces, from here on.
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

        /// The next piece; nil at the end of the body.
        ///
        /// It does not suspend if bytes have arrived already.
        ///
        /// - Throws: when the body is too large, too slow, malformed or cut off, when the client has gone, or when the
        ///   task is cancelled.
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
/// It is the client's fault, except for `unavailable`. You can show the description to the client.
public struct HTTPBodyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, for programs.
    public enum Code: Sendable, Hashable {
        /// It is longer than its limit.
        case tooLarge
        /// It did not arrive in time.
        case tooSlow
        /// Its framing is broken, or it is cut off.
        case malformed
        /// The client has gone.
        case disconnected
        /// The reading task was cancelled.
        case cancelled
        /// It was read after the response, or by two tasks at once, which is a mistake of the responder.
        case unavailable
    }

    /// What went wrong, for programs.
    public let code: Code
    /// The status of the answer if nobody handles the error.
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

    static let disconnected = Self(.disconnected, .badRequest, "the client closed the connection")
    static let cancelled = Self(.cancelled, .serviceUnavailable, "the request was cancelled")
    static let unavailable = Self(.unavailable, .internalServerError, "the body can no longer be read")
}
