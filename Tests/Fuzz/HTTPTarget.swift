import HTTPServing

extension FuzzTarget {
    /// The parser of requests: where the bytes are cut makes no difference, the bounds hold, a failure is the end.
    package static let http = FuzzTarget("http") { bytes throws(Finding) in
        let whole = try RequestReading(of: [bytes[...]])
        let dripped = try RequestReading(of: bytes.indices.map { bytes[$0...$0] })
        try require(dripped == whole, "byte by byte: \(dripped) instead of \(whole)")
        let cut = try RequestReading(of: bytes.cutByItself)
        try require(cut == whole, "cut: \(cut) instead of \(whole)")
    }
}

extension [UInt8] {
    /// The bytes in pieces whose lengths the bytes themselves decide, so that the fuzzer does.
    fileprivate var cutByItself: [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < count {
            let end = Swift.min(start + Int(self[start] ^ self[count - 1]) % 29 + 1, count)
            pieces.append(self[start..<end])
            start = end
        }
        return pieces
    }
}

/// What comes of bytes that are shown to a parser in pieces.
private struct RequestReading: Equatable {
    private enum Event: Equatable {
        case head(String, MessageFraming)
        case body([UInt8])
        case end
        case failed(RequestFailure)
    }

    private var events: [Event] = []
    private var isInHead = false
    private var remainingBodyBytes: Int?
    /// How many bytes of the message at hand are body.
    private var bodyBytes = 0
    private var maxBodyBytes = 0

    private static let limits = {
        var limits = RequestLimits()
        (limits.headerBytes, limits.headerFields, limits.bodyBytes) = (512, 8, 200)
        return limits
    }()

    init(of pieces: [ArraySlice<UInt8>]) throws(Finding) {
        var parser = RequestParser(limits: Self.limits)
        for piece in pieces {
            guard try read(piece, by: &parser) else { break }
        }
        isInHead = parser.isInHead
        remainingBodyBytes = parser.remainingBodyBytes
    }

    /// Reads all of a piece; false after a failure.
    private mutating func read(_ piece: ArraySlice<UInt8>, by parser: inout RequestParser) throws(Finding) -> Bool {
        var offset = 0
        // An end uses up no byte, so there are at most two events for each byte, and one to begin with.
        for _ in 0...2 * piece.count + 1 {
            let start = offset
            let event = parser.next(piece.span, at: &offset)
            try require(start...piece.count ~= offset, "the offset went from \(start) to \(offset) of \(piece.count)")
            switch event {
            case .needsMore:
                try require(offset == piece.count, "more is asked for with \(piece.count - offset) bytes unused")
                return true
            case .head(let head, let framing):
                events.append(.head(try Self.line(of: head), framing))
                if head.method == .put { parser.maxBodyBytes = 50 }
                bodyBytes = 0
                maxBodyBytes = parser.maxBodyBytes
            case .body(let range):
                let isNew = !range.isEmpty && range.lowerBound >= start && range.upperBound == offset
                try require(isNew, "a body in \(range), read from \(start) up to \(offset)")
                add(piece.dropFirst(range.lowerBound).prefix(range.count))
                try require(bodyBytes <= maxBodyBytes, "a body of \(bodyBytes) bytes with a bound of \(maxBodyBytes)")
            case .end: events.append(.end)
            case .failed(let failure):
                events.append(.failed(failure))
                try checkIsFinal(failure, parser)
                return false
            }
        }
        throw Finding("no end of events")
    }

    private mutating func add(_ bytes: ArraySlice<UInt8>) {
        bodyBytes += bytes.count
        if case .body(let before) = events.last {
            events[events.count - 1] = .body(before + bytes)
        } else {
            events.append(.body(Array(bytes)))
        }
    }

    private func checkIsFinal(_ failure: RequestFailure, _ parser: RequestParser) throws(Finding) {
        var parser = parser
        var offset = 0
        let valid = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        guard case .failed(failure) = parser.next(valid.span, at: &offset), offset == 0 else {
            throw Finding("after \(failure) more is read")
        }
        try require(400..<506 ~= failure.status.code && !failure.reason.isEmpty, "\(failure) is no answer")
    }

    /// All that a head says, on one line.
    private static func line(of head: HTTPRequestHead) throws(Finding) -> String {
        try require(head.fields.count <= limits.headerFields, "a head of \(head.fields.count) fields")
        let fields = head.fields.map { "\($0.name): \($0.value)" }
        let length = fields.reduce(head.requestTarget.utf8.count) { $0 + $1.utf8.count }
        // What is not UTF-8 becomes three bytes for one.
        try require(length <= 3 * limits.headerBytes, "a head of \(length) bytes")
        let isPlain = fields.joined().unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{7f}" || $0 == "\t" }
        try require(isPlain, "a field holds a control character: \(fields)")
        try require(head.path.hasPrefix("/") || head.path == "*", "the path is \(head.path)")
        let query = head.queryItems.map { "\($0.name)=\($0.value)" }
        let segments = head.pathSegments
        let authority = head.authority ?? "no host"
        return "\(head.method) \(head.requestTarget) \(segments) \(query) \(head.version) \(authority) \(fields)"
    }
}
