/// The way in which a response shows the end of its content (RFC 9112, section 6).
package enum ResponseFraming: Sendable, Equatable {
    /// The response has only a head: its status forbids content, or it answers HEAD and the length is unknown.
    case none
    /// `Content-Length`.
    case length(Int)
    /// `Transfer-Encoding: chunked`.
    case chunked
    /// The content ends when the connection closes. HTTP/1.0 needs this when the length is unknown.
    case untilClose

    /// Chooses the framing for a response.
    ///
    /// - Parameter length: the length of the content in bytes; nil if it is unknown. A length below zero counts as
    ///   zero. For HEAD it is the length that the answer to GET would have.
    package init(status: HTTPStatus, method: HTTPMethod, version: HTTPVersion, length: Int?) {
        if status.forbidsContent {
            self = .none
        } else if let length {
            self = .length(max(length, 0))
        } else if method == .head {
            self = .none
        } else {
            self = version == .http11 ? .chunked : .untilClose
        }
    }
}

/// The future of the connection, as a response announces it (RFC 9112, section 9.3).
package enum ConnectionOption: Sendable, Equatable {
    /// The connection stays open, as the client expects by its version.
    case persistent
    /// The connection stays open, and an HTTP/1.0 client must be told.
    case keepAlive
    /// The connection closes after this response.
    case close
}

/// Turns responses into bytes (RFC 9112, sections 4, 6 and 7), in one pass.
///
/// Names and values were checked when they were set, so nothing here can fail.
extension [UInt8] {
    /// Appends a status line and fields.
    ///
    /// - Parameter date: a whole `Date` line, as `HTTPDate` makes it.
    mutating func append(
        _ head: HTTPResponseHead, framing: ResponseFraming, connection: ConnectionOption, date: [UInt8]
    ) {
        append(contentsOf: head.status.line)
        if !append(head.fields) { append(contentsOf: date) }
        switch framing {
        case .none, .untilClose: break
        case .length(let length):
            append("Content-Length: ")
            append(decimal: length)
            append("\r\n")
        case .chunked: append("Transfer-Encoding: chunked\r\n")
        }
        switch connection {
        case .persistent: append("\r\n")
        case .keepAlive: append("Connection: keep-alive\r\n\r\n")
        case .close: append("Connection: close\r\n\r\n")
        }
    }

    /// Returns true if a date was among the fields.
    private mutating func append(_ fields: HTTPFields) -> Bool {
        var hasDate = false
        for line in fields.lines {
            switch line.known {
            case .connection, .contentLength, .keepAlive, .transferEncoding: continue
            case .date: hasDate = true
            default: break
            }
            append(line, of: fields.bytes)
        }
        return hasDate
    }

    /// Appends a field line.
    ///
    /// The bytes of most fields are a whole line already, so they are copied at once.
    private mutating func append(_ line: HTTPFields.Line, of bytes: [UInt8]) {
        let bytes = bytes.span
        let (name, value) = (line.name, line.value)
        let isWhole =
            value.lowerBound == name.upperBound + 2 && value.upperBound + 2 <= bytes.count
            && Grammar.equal(name.upperBound..<value.lowerBound, of: bytes, ": ")
            && Grammar.equal(value.upperBound..<value.upperBound + 2, of: bytes, "\r\n")
        if isWhole { return append(copying: bytes.extracting(line.whole)) }
        append(copying: bytes.extracting(name))
        append(": ")
        append(copying: bytes.extracting(value))
        append("\r\n")
    }

    /// Appends one chunk.
    ///
    /// If `bytes` is empty, nothing is appended, because an empty chunk would be the last one.
    mutating func append(chunk bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        append(chunkSize: bytes.count)
        append(contentsOf: bytes)
        append("\r\n")
    }

    /// Appends the line before the data of a chunk.
    ///
    /// CR LF must follow the data.
    mutating func append(chunkSize size: Int) {
        append(contentsOf: String(size, radix: 16).utf8)
        append("\r\n")
    }

    /// Appends the last chunk, without trailers.
    mutating func appendLastChunk() {
        append("0\r\n\r\n")
    }

    /// Appends the interim response that tells the client to send its content.
    mutating func appendContinue() {
        append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    private mutating func append(_ text: String) {
        append(contentsOf: text.utf8)
    }

    private mutating func append(decimal number: Int) {
        if number >= 10 { append(decimal: number / 10) }
        append(0x30 + UInt8(number % 10))
    }
}
