import WippyText

/// The framing of a request's body, and the head's wishes for the connection (RFC 9112, sections 6 and 9).
package struct MessageFraming: Sendable, Equatable {
    package enum Body: Sendable, Equatable {
        case length(Int)
        case chunked
    }

    /// The framing of the body.
    ///
    /// Its length is 0 if the head announces no body.
    package var body = Body.length(0)
    /// True if the client allows another request on the connection.
    package var keepsAlive: Bool
    /// True if the client waits for an interim answer before it sends the body (RFC 9110, section 10.1.1).
    package var expectsContinue = false

    private var hosts = 0
    private var lengths = 0
    private var codings = 0
    private var hasToClose = false
    private var asksToKeep = false

    /// Reads the fields that frame the message.
    ///
    /// - Throws: `RequestFailure` if the server refuses the message.
    init(version: HTTPVersion, lines: [HTTPFields.Line], of bytes: Span<UInt8>) throws(RequestFailure) {
        keepsAlive = version == .http11
        for line in lines {
            switch line.known {
            case .host: try readHost(line.value, of: bytes)
            case .contentLength: try readLength(line.value, of: bytes)
            case .transferEncoding: try readCoding(line.value, of: bytes)
            case .connection: readConnection(line.value, of: bytes)
            case .expect: try readExpectation(line.value, of: bytes)
            default: break
            }
        }
        try check(version)
        keepsAlive = !hasToClose && (version == .http11 || asksToKeep)
        expectsContinue = expectsContinue && version == .http11 && body != .length(0)
    }

    private func check(_ version: HTTPVersion) throws(RequestFailure) {
        guard hosts == 1 || (hosts == 0 && version == .http10) else {
            throw .malformed(hosts == 0 ? "the Host header is missing" : "there is more than one Host header")
        }
        guard codings == 0 || version == .http11 else {
            throw .malformed("an HTTP/1.0 request cannot have Transfer-Encoding")
        }
        guard codings == 0 || lengths == 0 else {
            throw .malformed("a request cannot have both Content-Length and Transfer-Encoding")
        }
    }

    private mutating func readHost(_ value: Range<Int>, of bytes: Span<UInt8>) throws(RequestFailure) {
        hosts += 1
        guard RequestTarget.isHost(value, of: bytes) else { throw .malformed("the Host header is invalid") }
    }

    /// Content-Length = 1*DIGIT.
    ///
    /// A list is refused. (RFC 9112, section 6.3, allows a list of equal values.)
    private mutating func readLength(_ value: Range<Int>, of bytes: Span<UInt8>) throws(RequestFailure) {
        lengths += 1
        // Every number of 18 digits fits into 64 bits.
        guard lengths == 1, 1...18 ~= value.count else { throw .malformed("the Content-Length header is invalid") }
        var length = 0
        for index in value {
            guard bytes[index].isDigit else { throw .malformed("the Content-Length header is invalid") }
            length = length * 10 + Int(bytes[index] &- 0x30)
        }
        body = .length(length)
    }

    /// Reads the coding, which must be `chunked`, once.
    ///
    /// No other coding can be decoded here, and two servers may read a list differently.
    private mutating func readCoding(_ value: Range<Int>, of bytes: Span<UInt8>) throws(RequestFailure) {
        codings += 1
        guard codings == 1, Grammar.equalIgnoringCase(value, of: bytes, "chunked") else {
            throw .malformed("the server supports only the Transfer-Encoding 'chunked'")
        }
        body = .chunked
    }

    private mutating func readConnection(_ value: Range<Int>, of bytes: Span<UInt8>) {
        Grammar.forEachMember(value, of: bytes) { member in
            if Grammar.equalIgnoringCase(member, of: bytes, "close") { hasToClose = true }
            if Grammar.equalIgnoringCase(member, of: bytes, "keep-alive") { asksToKeep = true }
        }
    }

    private mutating func readExpectation(_ value: Range<Int>, of bytes: Span<UInt8>) throws(RequestFailure) {
        var isKnown = true
        Grammar.forEachMember(value, of: bytes) { member in
            expectsContinue = true
            if !Grammar.equalIgnoringCase(member, of: bytes, "100-continue") { isKnown = false }
        }
        guard isKnown else {
            throw RequestFailure(
                .expectationFailed,
                "the server supports only the expectation '100-continue'")
        }
    }
}
