import EventLoops

/// Writes the content of a response piece by piece.
///
/// Belongs to the closure that got it. What is written goes out at the end of the loop's turn.
public struct HTTPBodyWriter {
    private let connection: HTTPConnection
    private let exchange: UInt64

    init(_ connection: HTTPConnection, exchange: UInt64) {
        self.connection = connection
        self.exchange = exchange
    }

    /// Queues some bytes; waits while the client has more than 64 KiB yet to take.
    ///
    /// The first piece takes the head along.
    ///
    /// - Throws: `HTTPBodyWriterError` if the client has gone, took nothing for the idle timeout, or if this is more
    ///   than the announced length.
    public mutating func write(_ bytes: [UInt8]) async throws(HTTPBodyWriterError) {
        try await connection.write(content: bytes, exchange: exchange)
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
    static let wrongLength = Self(code: .wrongLength, description: "the content has not the announced length")
    static let unavailable = Self(code: .unavailable, description: "the content is complete already")
}
