import EventLoops

/// Writes the content of a response piece by piece.
///
/// Belongs to the closure that got it. What is written goes out at the end of the loop's turn.
public struct HTTPBodyWriter: Sendable {
    private enum Destination {
        case connection(HTTPConnection, exchange: UInt64)
        case memory
    }

    private let destination: Destination
    /// What was written to no connection.
    fileprivate private(set) var content: [UInt8] = []

    init(_ connection: HTTPConnection, exchange: UInt64) {
        destination = .connection(connection, exchange: exchange)
    }

    /// A writer that keeps what it is given.
    fileprivate init() {
        destination = .memory
    }

    /// Queues some bytes; waits while the client has more than 64 KiB yet to take.
    ///
    /// The first piece takes the head along.
    ///
    /// - Throws: `HTTPBodyWriterError` if the client has gone, took nothing for the idle timeout, or if this is more
    ///   than the announced length.
    public mutating func write(_ bytes: [UInt8]) async throws(HTTPBodyWriterError) {
        switch destination {
        case .connection(let connection, let exchange):
            try await connection.write(content: bytes, exchange: exchange)
        case .memory: content += bytes
        }
    }

    /// Queues some text, as UTF-8.
    ///
    /// - Throws: As `write(_:)` of bytes.
    public mutating func write(_ text: String) async throws(HTTPBodyWriterError) {
        try await write(Array(text.utf8))
    }

    /// Sends the head, if that has not happened, without any content.
    ///
    /// - Throws: As `write(_:)`.
    public mutating func flush() async throws(HTTPBodyWriterError) {
        try await write([UInt8]())
    }
}

extension HTTPResponse.Body {
    /// All of the content, which is written now if it comes in pieces: for tests and calls within the process.
    ///
    /// - Throws: What writes it throws; `HTTPBodyWriterError` if it has not the announced length.
    public func collect() async throws -> [UInt8] {
        switch self {
        case .none: return []
        case .bytes(let bytes): return bytes
        case .stream(let length, let write):
            var writer = HTTPBodyWriter()
            try await write(&writer)
            guard length == nil || length == writer.content.count else { throw HTTPBodyWriterError.wrongLength }
            return writer.content
        }
    }
}

/// Why content could not be written.
public struct HTTPBodyWriterError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, for programs.
    public enum Code: Sendable, Hashable {
        /// The client has gone, or takes nothing, or the server has broken off.
        case disconnected
        /// More, or less, was written than was announced.
        case wrongLength
        /// The writer was used after its closure had returned.
        case unavailable
    }

    /// What went wrong, for programs.
    public let code: Code
    /// What went wrong, in a few words.
    public let description: String

    static let disconnected = Self(code: .disconnected, description: "the client has gone")
    static let wrongLength = Self(code: .wrongLength, description: "the content does not have the announced length")
    static let unavailable = Self(code: .unavailable, description: "the content is complete already")
}
