import EventLoops

/// Writes the content of a response in pieces.
///
/// Use it only in the closure that receives it.
public struct HTTPBodyWriter: Sendable {
    private enum Destination {
        case connection(HTTPConnection, exchange: UInt64)
        case memory
    }

    private let destination: Destination
    /// The bytes that were written, for a writer without a connection.
    fileprivate private(set) var content: [UInt8] = []

    init(_ connection: HTTPConnection, exchange: UInt64) {
        destination = .connection(connection, exchange: exchange)
    }

    /// Creates a writer that keeps the written bytes.
    fileprivate init() {
        destination = .memory
    }

    /// Writes bytes, and waits while more than 64 KiB wait to be sent.
    ///
    /// If the head has not been sent yet, it goes first. You can call the method from any executor.
    ///
    /// - Throws: `HTTPBodyWriterError` when the bytes cannot be written.
    public mutating func write(_ bytes: [UInt8]) async throws(HTTPBodyWriterError) {
        switch destination {
        case .connection(let connection, let exchange):
            try await connection.write(content: bytes, exchange: exchange)
        case .memory: content += bytes
        }
    }

    /// Writes a text as UTF-8, and waits while more than 64 KiB wait to be sent.
    ///
    /// - Throws: `HTTPBodyWriterError`, as ``write(_:)-([UInt8])`` does.
    public mutating func write(_ text: String) async throws(HTTPBodyWriterError) {
        try await write(Array(text.utf8))
    }

    /// Sends the head, if it has not been sent yet.
    ///
    /// - Throws: `HTTPBodyWriterError`, as ``write(_:)-([UInt8])`` does.
    public mutating func flush() async throws(HTTPBodyWriterError) {
        try await write([UInt8]())
    }
}

extension HTTPResponse.Body {
    /// Returns the whole content, for tests and for calls within the process.
    ///
    /// If a closure writes the content, this method calls the closure.
    ///
    /// - Throws: the closure's error, or `HTTPBodyWriterError` if the content does not have the announced length.
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

/// The error when content cannot be written.
public struct HTTPBodyWriterError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of the error.
    public enum Code: Sendable, Hashable {
        /// The client has gone, or reads nothing, or the server has ended the connection.
        case disconnected
        /// The number of written bytes differs from the announced length.
        case wrongLength
        /// The writer was used after its closure had returned.
        case unavailable
    }

    /// The kind of the error.
    public let code: Code
    /// The problem, in a few words.
    public let description: String

    static let disconnected = Self(code: .disconnected, description: "the client closed the connection")
    static let wrongLength = Self(
        code: .wrongLength,
        description: "the content is longer or shorter than its Content-Length")
    static let unavailable = Self(
        code: .unavailable,
        description: "nothing more can be written: the closure that writes the content has returned")
}
