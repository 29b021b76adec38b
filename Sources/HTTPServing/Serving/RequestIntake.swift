/// A connection's reading side as a value: what has been received, the parser, and the state that says what may follow.
///
/// One value, so that a step of reading is one access to the connection's memory.
struct RequestIntake {
    var state = ConnectionState()
    private var parser: RequestParser
    private var held = HeldBytes()

    init(limits: RequestLimits) {
        parser = RequestParser(limits: limits)
    }

    /// Limits every message that begins from now on.
    mutating func limit(to limits: RequestLimits) { parser.limit(to: limits) }

    /// How long the body of the message may be that is being read.
    var bodyBytesMax: Int { parser.bodyBytesMax }

    /// What the client has done that a connection's task waits for.
    enum Arrival {
        case head(HTTPRequestHead)
        case body([UInt8])
        /// The end of a message; whether the next may follow.
        case end(isSettled: Bool)
        /// What came is no request: answer that, and close.
        case refused(RequestFailure)
        /// The body cannot be read on.
        case broken(RequestFailure)
        /// Nothing more is owed.
        case closing
        /// The connection is closed.
        case gone
        /// The waiting task was cancelled.
        case cancelled
    }

    /// Whether so much is held that no more should be received.
    var isFull: Bool { held.isFull }

    /// Whether something is held that may be the next request.
    var holdsMore: Bool { !held.isEmpty }

    /// What becomes of bytes that were received.
    enum Receipt {
        /// The waiting task has to know of this; what came after it is held.
        case arrived(Arrival)
        /// They are used up, and more must come.
        case needsMore
        /// They are held until somebody asks.
        case held
        /// Nothing is read any more.
        case unwanted
    }

    /// Takes bytes, for a task that waits or for later.
    mutating func receive(_ bytes: Span<UInt8>, isAwaited: Bool) -> Receipt {
        guard state.reading != .over else { return .unwanted }
        guard isAwaited else {
            held.append(bytes)
            return .held
        }
        var offset = 0
        guard let arrival = Self.read(bytes, at: &offset, by: &parser, &state) else { return .needsMore }
        if offset < bytes.count { held.append(bytes.extracting(offset..<bytes.count)) }
        return .arrived(arrival)
    }

    /// Forgets what is held.
    mutating func dropHeld() {
        held.removeAll()
    }

    /// What the bytes say that were received before anybody asked.
    mutating func readHeld() -> Arrival? {
        // Taken out, since a span of it would be an access to all of this value.
        var held = HeldBytes()
        swap(&held, &self.held)
        var offset = held.start
        let arrival = Self.read(held.bytes.span, at: &offset, by: &parser, &state)
        held.consume(to: offset)
        swap(&held, &self.held)
        return arrival
    }

    private static func read(
        _ bytes: Span<UInt8>, at offset: inout Int, by parser: inout RequestParser, _ state: inout ConnectionState
    ) -> Arrival? {
        while true {
            switch parser.next(bytes, at: &offset) {
            case .needsMore:
                if parser.isInHead { state.beginHead() }
                return nil
            case .head(let head, let framing):
                state.receiveHead(version: head.version, framing: framing)
                // Such a message is over, and its end needs no byte.
                if framing.body == .length(0), case .end = parser.next(bytes, at: &offset) { _ = state.receiveEnd() }
                return .head(head)
            case .body(let range):
                switch state.receiveBody(range.count) {
                case .deliver: return .body([UInt8](copying: bytes.extracting(range)))
                case .drop: continue
                case .close: return .closing
                }
            case .end:
                return .end(isSettled: state.receiveEnd())
            case .failed(let failure):
                return state.arrival(after: failure)
            }
        }
    }

    /// What a responder gets that asks for more of the body.
    enum BodyStep {
        /// Nothing: the answer has been given.
        case unavailable
        /// Nothing: the connection reads no more.
        case disconnected
        /// There is no more.
        case ended
        case arrived(Arrival)
        /// More must come, for which the client may have to be told to send it.
        case wait(sendsContinue: Bool)
    }

    /// Whether all that is left of a body of known length has arrived, and is not too long.
    func holdsWholeBody(limit: Int) -> Bool {
        guard state.answering == .owed || state.answering == .begun, state.reading == .body,
            let left = parser.remainingBodyBytes
        else { return false }
        return left <= held.count && left <= limit
    }

    /// A responder asks for more of a body that may be this many bytes long.
    mutating func nextOfBody(limit: Int) -> BodyStep {
        guard state.answering == .owed || state.answering == .begun else { return .unavailable }
        guard state.reading != .over else { return .disconnected }
        guard state.reading == .body else { return .ended }
        parser.bodyBytesMax = limit
        if let arrival = readHeld() { return .arrived(arrival) }
        return .wait(sendsContinue: state.requestBody() == .sendContinueAndRead)
    }

    /// The head of the answer is about to be written; see `ConnectionState.beginAnswer`.
    mutating func beginAnswer(closes: Bool) -> ConnectionOption {
        let unread = state.reading == .body ? parser.remainingBodyBytes : 0
        return state.beginAnswer(closes: closes, unreadBytes: unread, hasMore: held.count > unread ?? 0)
    }
}

extension ConnectionState {
    /// The request cannot be read on: what the task has to know.
    mutating func arrival(after failure: RequestFailure) -> RequestIntake.Arrival {
        switch fail() {
        case .answer: return .refused(failure)
        case .tellResponder: return .broken(failure)
        case .close: return .closing
        }
    }
}
