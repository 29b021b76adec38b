import EventLoops

/// Writes the content of a response in pieces.
///
/// Use it only in the closure that gets it. Written bytes are sent at the end of the loop's turn.
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

    /// Writes bytes.
    ///
    /// It waits while the client has more than 64 KiB left to read.
    ///
    /// The first piece also sends the head.
    ///
    /// - Throws: `HTTPBodyWriterError` when the client has gone, has read nothing for the idle timeout, or when this is
    ///   more than the announced length.
    public mutating func write(_ bytes: [UInt8]) async throws(HTTPBodyWriterError) {
        switch destination {
        case .connection(let connection, let exchange):
            try await connection.write(content: bytes, exchange: exchange)
        case .memory: content += bytes
        }
    }

    /// Writes a text as UTF-8.
    ///
    /// - Throws: as `write(_:)` for bytes.
    public mutating func write(_ text: String) async throws(HTTPBodyWriterError) {
        try await write(Array(text.utf8))
    }

    /// Sends the head without content, if it has not been sent yet.
    ///
    /// - Throws: as `write(_:)`.
    public mutating func flush() async throws(HTTPBodyWriterError) {
        try await write([UInt8]())
    }
}

extension HTTPResponse.Body {
    /// The whole content.
    ///
    /// If it comes in pieces, they are written now. For tests and calls within the process.
    ///
    /// - Throws: what the writing closure throws; `HTTPBodyWriterError` if the content does not have the announced
    ///   length.
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
        /// The client has gone or reads nothing, or the server has ended the connection.
        case disconnected
        /// The number of bytes differs from the announced length.
        case wrongLength
        /// The writer was used after its closure returned.
        case unavailable
    }

    /// What went wrong, for programs.
    public let code: Code
    /// What went wrong, in a few words.
    public let description: String

    static let disconnected = Self(code: .disconnected, description: "the client closed the connection")
    static let wrongLength = Self(
        code: .wrongLength,
        description: "the content is longer or shorter than its "
            + "Content-Length")
    static let unavailable = Self(code: .unavailable, description: "the content is already complete")
}
