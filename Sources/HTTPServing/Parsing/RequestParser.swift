/// What the bytes of a connection say, one thing after another.
package enum RequestEvent: Sendable {
    /// All that was shown has been used up.
    case needsMore
    /// A message begins.
    case head(HTTPRequestHead, MessageFraming)
    /// Some more of its body: a range of the bytes that were shown, never empty.
    case body(Range<Int>)
    /// The message is over; the next call begins another.
    case end
    /// What came is no request that is taken. Every later call says the same.
    case failed(RequestFailure)
}

/// Requests out of bytes (RFC 9112), without I/O.
///
/// Show it what has arrived, again and again until it needs more: it advances the offset past what it has used, and
/// says what that was. Nothing is copied but heads: a whole head once, into the event's value; the beginning of an
/// incomplete one into the parser, at most `RequestLimits.headerBytes`. So what was used need not be shown again.
///
/// Where the bytes are cut makes no difference: the same events come in the same order, bodies apart, which come in
/// other pieces. The cost is linear in the bytes, however they are cut.
///
/// Trailer fields are checked like header fields, and dropped.
package struct RequestParser: Sendable {
    /// How long the body of the message may be that is being read; set from its limits at each head.
    ///
    /// Checked when a body's length or a chunk's size is known, before any of those bytes are handed out.
    package var bodyBytesMax: Int

    /// Those of the message that is being read.
    private var limits: RequestLimits
    /// Those of every message that begins from now on.
    private var nextLimits: RequestLimits
    private var state = State.head
    private var scanner: HeadScanner
    private var chunks = ChunkScanner()
    private var pending: [UInt8] = []
    /// What the chunks so far, or the Content-Length, say that the body is long.
    private var announced = 0

    private enum State {
        case head
        /// So many bytes are left of a body whose length is known.
        case length(Int)
        case chunkHeader
        case chunk(Int)
        case trailers
        case failed(RequestFailure)
    }

    package init(limits: RequestLimits = RequestLimits()) {
        self.limits = limits
        nextLimits = limits
        bodyBytesMax = limits.bodyBytes
        scanner = HeadScanner(.head, limits: limits)
    }

    /// Has every message that begins from now on have other limits; one that has begun keeps its own.
    package mutating func limit(to limits: RequestLimits) {
        nextLimits = limits
        if case .head = state, pending.isEmpty { beginMessage() }
    }

    /// Whether part of a head has been read, an empty line before it, or its half, aside.
    package var isInHead: Bool {
        guard case .head = state, let first = pending.first else { return false }
        return scanner.hasSkippedLine ? pending.count > 2 : first != Grammar.cr
    }

    /// How many bytes of the body are still to come; nil if that is not known.
    package var remainingBodyBytes: Int? {
        switch state {
        case .length(let left): left
        case .head, .failed: 0
        case .chunkHeader, .chunk, .trailers: nil
        }
    }

    /// The next thing in `input`, from `offset` on.
    package mutating func next(_ input: Span<UInt8>, at offset: inout Int) -> RequestEvent {
        while true {
            switch state {
            case .head: return readHead(input, at: &offset)
            case .length(0): return end()
            case .length(let left):
                guard announced <= bodyBytesMax else { return fail(.bodyTooLarge) }
                guard let range = take(left, of: input, at: &offset) else { return .needsMore }
                state = .length(left - range.count)
                return .body(range)
            case .chunk(0):
                chunks.finishData()
                state = .chunkHeader
            case .chunk(let left):
                guard let range = take(left, of: input, at: &offset) else { return .needsMore }
                state = .chunk(left - range.count)
                return .body(range)
            case .chunkHeader:
                if let event = readChunkHeader(input, at: &offset) { return event }
            case .trailers: return readTrailers(input, at: &offset)
            case .failed(let failure): return .failed(failure)
            }
        }
    }

    private func take(_ count: Int, of input: Span<UInt8>, at offset: inout Int) -> Range<Int>? {
        guard offset < input.count else { return nil }
        let range = offset..<offset + min(count, input.count - offset)
        offset = range.upperBound
        return range
    }

    private mutating func fail(_ failure: RequestFailure) -> RequestEvent {
        state = .failed(failure)
        pending = []
        return .failed(failure)
    }

    private mutating func end() -> RequestEvent {
        beginMessage()
        return .end
    }

    private mutating func beginMessage() {
        state = .head
        limits = nextLimits
        scanner = HeadScanner(.head, limits: limits)
    }
}

extension RequestParser {
    private mutating func readHead(_ input: Span<UInt8>, at offset: inout Int) -> RequestEvent {
        guard offset < input.count else { return .needsMore }
        switch scan(input, at: &offset) {
        case .needsMore: return .needsMore
        case .failed(let failure): return fail(failure)
        case .complete(let bytes):
            guard let target = scanner.target else { return fail(.malformed("the request line is missing")) }
            do throws(RequestFailure) {
                let framing = try MessageFraming(version: scanner.version, lines: scanner.lines, of: bytes.span)
                begin(framing.body)
                let fields = HTTPFields(bytes: bytes, lines: scanner.lines)
                return .head(
                    HTTPRequestHead(method: scanner.method, version: scanner.version, target: target, fields: fields),
                    framing)
            } catch {
                return fail(error)
            }
        }
    }

    private mutating func begin(_ body: MessageFraming.Body) {
        bodyBytesMax = limits.bodyBytes
        switch body {
        case .length(let length):
            announced = length
            state = .length(length)
        case .chunked:
            announced = 0
            chunks = ChunkScanner()
            state = .chunkHeader
        }
    }

    /// Nil if there is more to say at once.
    private mutating func readChunkHeader(_ input: Span<UInt8>, at offset: inout Int) -> RequestEvent? {
        switch chunks.scan(input, at: &offset) {
        case .needsMore: return .needsMore
        case .failed: return fail(.malformed("the chunked body is malformed"))
        case .chunk(0):
            scanner = HeadScanner(.trailers, limits: limits)
            state = .trailers
        case .chunk(let size):
            guard size <= bodyBytesMax, announced <= bodyBytesMax - size else { return fail(.bodyTooLarge) }
            announced += size
            state = .chunk(size)
        }
        return nil
    }

    private mutating func readTrailers(_ input: Span<UInt8>, at offset: inout Int) -> RequestEvent {
        switch scan(input, at: &offset) {
        case .needsMore: return .needsMore
        case .failed(let failure): return fail(failure)
        case .complete:
            // These would change how the message is read, after it has been read (RFC 9110, section 6.5.1).
            let framing: [KnownField] = [.contentLength, .transferEncoding, .host, .connection, .expect]
            guard !scanner.lines.contains(where: { framing.contains($0.known) }) else {
                return fail(.malformed("a trailer has a field that belongs in the head"))
            }
            return end()
        }
    }

    private enum Scan {
        case needsMore
        case complete([UInt8])
        case failed(RequestFailure)
    }

    /// Scans the section in place if it lies there whole, else in a copy of what has come of it.
    private mutating func scan(_ input: Span<UInt8>, at offset: inout Int) -> Scan {
        let before = pending.count
        if before == 0 {
            let window = input.extracting(offset..<input.count)
            switch scanner.scan(window) {
            case .needsMore:
                pending.append(copying: window)
                offset = input.count
                return .needsMore
            case .failed(let failure): return .failed(failure)
            case .complete(let length):
                offset += length
                return .complete([UInt8](copying: window.extracting(0..<length)))
            }
        }
        // More than the bound and a line end is never looked at.
        let taken = min(input.count - offset - 2, max(limits.headerBytes, RequestLimits.trailerBytes)) + 2
        var head: [UInt8] = []
        swap(&head, &pending)
        head.append(copying: input.extracting(offset..<offset + taken))
        switch scanner.scan(head.span) {
        case .needsMore:
            offset += taken
            pending = head
            return .needsMore
        case .failed(let failure): return .failed(failure)
        case .complete(let length):
            offset += length - before
            head.removeLast(head.count - length)
            return .complete(head)
        }
    }
}
