/// The reading side of a connection as a value: the received bytes, the parser, and the state of the protocol.
///
/// It is a single value, so each step of reading is one access to the connection's memory.
struct RequestIntake {
    var state = ConnectionState()
    private var parser: RequestParser
    private var held = HeldBytes()

    init(limits: RequestLimits) {
        parser = RequestParser(limits: limits)
    }

    /// Sets the limits of every message that begins from now on.
    mutating func limit(to limits: RequestLimits) { parser.limit(to: limits) }

    /// The largest number of bytes in the body of the current message.
    var maxBodyBytes: Int { parser.maxBodyBytes }

    /// The next event from the client that a connection's task waits for.
    enum Arrival {
        case head(HTTPRequestHead)
        case body([UInt8])
        /// The end of a message. `isSettled` is true if the next message may follow.
        case end(isSettled: Bool)
        /// The bytes are not a request. The task answers that, and closes.
        case refused(RequestFailure)
        /// The rest of the body cannot be read.
        case broken(RequestFailure)
        /// No further answer is owed to the client.
        case closing
        /// The connection is closed.
        case gone
        /// The wait was given up: its task was cancelled, or the request has its answer.
        case cancelled
    }

    /// True if the number of held bytes demands that the connection stop receiving.
    var isFull: Bool { held.isFull }

    /// True if bytes are held that may be the next request.
    var holdsMore: Bool { !held.isEmpty }

    /// The use of received bytes.
    enum Receipt {
        /// The waiting task gets this event. The bytes after it are held.
        case arrived(Arrival)
        /// The bytes are used up, and more must come.
        case needsMore
        /// The bytes are held until a task asks for them.
        case held
        /// The bytes are dropped, because the connection reads no more requests.
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

    /// Drops the held bytes.
    mutating func dropHeld() {
        held.removeAll()
    }

    /// Reads the next event from the held bytes; nil if they are not enough.
    mutating func readHeld() -> Arrival? {
        // The held bytes are moved out, because a span of them would be an access to all of this value.
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
                // A message without a body is over, and its end needs no byte.
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

    /// The next step for a responder that asks for more of the body.
    enum BodyStep {
        /// The answer has been given, so there is no step.
        case unavailable
        /// The connection reads no more, so there is no step.
        case disconnected
        /// The body has ended, so there is no step.
        case ended
        case arrived(Arrival)
        /// More bytes must come. `sendsContinue` is true if the client must first be told to send them.
        case wait(sendsContinue: Bool)
    }

    /// True if the rest of a body of known length has arrived, and is not too long.
    func holdsWholeBody(limit: Int) -> Bool {
        guard state.answering == .owed || state.answering == .begun, state.reading == .body,
            let left = parser.remainingBodyBytes
        else { return false }
        return left <= held.count && left <= limit
    }

    /// Returns the next step for a responder that asks for more of the body.
    ///
    /// - Parameter limit: the largest number of bytes in the body.
    mutating func nextOfBody(limit: Int) -> BodyStep {
        guard state.answering == .owed || state.answering == .begun else { return .unavailable }
        guard state.reading != .over else { return .disconnected }
        guard state.reading == .body else { return .ended }
        parser.maxBodyBytes = limit
        if let arrival = readHeld() { return .arrived(arrival) }
        return .wait(sendsContinue: state.requestBody() == .sendContinueAndRead)
    }

    /// Called when the head of the answer is about to be written; see `ConnectionState.beginAnswer`.
    mutating func beginAnswer(closes: Bool) -> ConnectionOption {
        let unread = state.reading == .body ? parser.remainingBodyBytes : 0
        return state.beginAnswer(closes: closes, unreadBytes: unread, hasMore: held.count > unread ?? 0)
    }
}

extension ConnectionState {
    /// Returns the event for the task after the rest of the request cannot be read.
    mutating func arrival(after failure: RequestFailure) -> RequestIntake.Arrival {
        switch fail() {
        case .answer: return .refused(failure)
        case .tellResponder: return .broken(failure)
        case .close: return .closing
        }
    }
}
