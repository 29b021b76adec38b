/// How a response's content is delimited (RFC 9112, section 6).
package enum ResponseFraming: Sendable, Equatable {
    /// The head is all: the status has no content, or the answer to HEAD has no known length.
    case none
    /// `Content-Length`.
    case length(Int)
    /// `Transfer-Encoding: chunked`.
    case chunked
    /// The end of the connection ends the content: for HTTP/1.0 when the length is unknown.
    case untilClose

    /// - Parameter length: What the content is, or would be for HEAD, long; nil if that is not known.
    package init(status: HTTPStatus, method: HTTPMethod, version: HTTPVersion, length: Int?) {
        if status.forbidsContent {
            self = .none
        } else if let length {
            self = .length(length)
        } else if method == .head {
            self = .none
        } else {
            self = version == .http11 ? .chunked : .untilClose
        }
    }
}

/// What a response says about the connection (RFC 9112, section 9.3).
package enum ConnectionOption: Sendable, Equatable {
    /// It stays, and the client's version takes that for granted.
    case persistent
    /// It stays, and an HTTP/1.0 client has to be told.
    case keepAlive
    /// It closes after this response.
    case close
}

/// Responses into bytes (RFC 9112, sections 4, 6 and 7), in one pass.
///
/// Names and values have been checked where they were set; nothing here can fail.
extension [UInt8] {
    /// Appends a status line and fields.
    ///
    /// - Parameter date: A whole `Date` line, as `HTTPDate` makes it.
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

    /// Returns whether a date was among them.
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

    /// Most fields were set, so that they stand in `bytes` as they are sent.
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

    /// Appends one chunk; nothing if it has no bytes, since an empty chunk would be the last.
    mutating func append(chunk bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        append(chunkSize: bytes.count)
        append(contentsOf: bytes)
        append("\r\n")
    }

    /// Appends what precedes the data of a chunk; the data is followed by CR LF.
    mutating func append(chunkSize size: Int) {
        append(contentsOf: String(size, radix: 16).utf8)
        append("\r\n")
    }

    /// Appends the last chunk, without trailers.
    mutating func appendLastChunk() {
        append("0\r\n\r\n")
    }

    /// Appends the interim response that has the client send its content.
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
