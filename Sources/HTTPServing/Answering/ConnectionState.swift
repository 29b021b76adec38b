/// The state of one connection in the protocol (RFC 9112, section 9), without sockets, bytes or time.
///
/// # Theory of operation
///
/// Two state machines run side by side: one for the client's messages, and one for the answers.
///
///     reading:    idle ─→ head ─→ body ─→ done          over: nothing is read as a request any more
///     answering:  none ─────────→ owed ─→ begun ─→ done
///
/// The head of a message moves both machines: it is read, and an answer is owed. After that each machine moves alone.
/// An answer may be complete before the body has been read, and a body may be read before the answer is complete.
/// When the answer is done, the exchange is settled in one of three ways: both machines go back to the beginning; or
/// the rest of the body is read and dropped first, if it is small; or the connection closes.
///
/// There is one exchange at a time. Answers go out in the order of their requests, because the next head is not read
/// before an exchange is settled. The requests that a client sends ahead stay unread. The owner of the bytes limits
/// their number.
///
/// This side closes in three steps: it writes the answers, closes the sending direction, and drops arriving bytes for
/// a moment. Otherwise the client's system might drop the answer (RFC 9112, section 9.6).
///
/// A graceful stop changes two things. An idle connection waits only for `Timeout.grace`. The answer to the last
/// request that has been read says `Connection: close`.
///
/// The owner calls a method for each event, and performs the action that the method returns. It keeps one timer, for
/// `timeout`.
package struct ConnectionState: Sendable {
    /// The largest number of bytes of an unread body that are read and dropped to keep the connection: 64 KiB.
    package static let maxDrainedBytes = 64 << 10

    package private(set) var reading = Reading.idle
    package private(set) var answering = Answering.none
    private var version = HTTPVersion.http11
    private var body = BodyUse.untouched(expectsContinue: false)
    // Facts that are independent of the two machines.
    private var keepsAlive = true
    private var isStopping = false
    /// True if the client will send no more.
    ///
    /// Earlier bytes may still be unread.
    package private(set) var peerHasEnded = false

    package enum Reading: Sendable {
        case idle
        case head
        case body
        case done
        case over
    }

    package enum Answering: Sendable {
        case none
        case owed
        case begun
        case done
    }

    private enum BodyUse {
        /// The body has not been asked for.
        ///
        /// If the client expects an interim response, it has not got one.
        case untouched(expectsContinue: Bool)
        /// A responder is reading the body, and may be waiting for more.
        case wanted(isWaiting: Bool)
        /// The answer is complete, so the rest of the body is dropped. The number counts the dropped bytes.
        case dropped(bytes: Int)
    }

    /// True if the client waits until it is told to send its body.
    private var owesContinue: Bool {
        guard reading == .body, case .untouched(expectsContinue: true) = body else { return false }
        return true
    }

    package init() {}
}

/// The client's side.
extension ConnectionState {
    /// Called when the first byte of a message has been read.
    package mutating func beginHead() {
        if reading == .idle { reading = .head }
    }

    /// Called when a message's head has been read, so that an answer is owed.
    package mutating func receiveHead(version: HTTPVersion, framing: MessageFraming) {
        self.version = version
        keepsAlive = framing.keepsAlive
        reading = .body
        answering = .owed
        body = .untouched(expectsContinue: framing.expectsContinue)
    }

    /// The action when a responder asks for more of the body.
    package enum BodyRequest: Sendable, Equatable {
        /// Hand out the bytes that are there, or wait.
        case read
        /// First write the interim response 100, then read.
        case sendContinueAndRead
        /// The body has ended.
        case ended
    }

    /// Called when a responder asks for more of the body.
    package mutating func requestBody() -> BodyRequest {
        guard reading == .body else { return .ended }
        // After the head of the final answer, the client would read an interim response as part of the content.
        let sendsContinue = owesContinue && answering == .owed
        body = .wanted(isWaiting: true)
        return sendsContinue ? .sendContinueAndRead : .read
    }

    /// The action for a piece of the body.
    package enum BodyPiece: Sendable, Equatable {
        case deliver
        case drop
        /// Too many bytes are left to drop: close.
        case close
    }

    /// Called when `count` bytes of the body have been read.
    package mutating func receiveBody(_ count: Int) -> BodyPiece {
        guard case .dropped(let before) = body else {
            // A client that sends its body without an interim response needs none (RFC 9110, section 10.1.1).
            body = .wanted(isWaiting: false)
            return .deliver
        }
        body = .dropped(bytes: before + count)
        guard before + count > Self.maxDrainedBytes else { return .drop }
        reading = .over
        return .close
    }

    /// Called when the message has been read to its end.
    ///
    /// - Returns: true if the exchange is settled, so the next message may be read.
    package mutating func receiveEnd() -> Bool {
        reading = .done
        guard answering == .done else { return false }
        return settle() == .next
    }

    /// The action after the rest of a request cannot be read.
    package enum Failure: Sendable, Equatable {
        /// Answer with the failure's status, then close.
        case answer
        /// Tell the responder. Its answer is the last one.
        case tellResponder
        /// The answer is out: close.
        case close
    }

    /// Called when the request is malformed, too large, too slow, or cut off.
    package mutating func fail() -> Failure {
        reading = .over
        keepsAlive = false
        switch answering {
        case .none:
            answering = .owed
            return .answer
        case .owed, .begun: return .tellResponder
        case .done: return .close
        }
    }

    /// Called when the client will send no more.
    ///
    /// Earlier bytes may still be unread.
    ///
    /// - Returns: true if an answer is owed. The client may have closed only its sending direction and wait for the
    ///   answer. But most clients that end have gone, so the responder should be cancelled after a while.
    package mutating func noticePeerEnd() -> Bool {
        peerHasEnded = true
        return answering == .owed
    }

    /// The action when all bytes that the client has sent are read.
    package enum PeerEnd: Sendable, Equatable {
        /// No further answer is owed: close.
        case close
        /// A message is cut off: go on as after `fail`.
        case cutOff
    }

    /// Called when the client has ended, all its bytes are read, and the parser needs more.
    package mutating func reachPeerEnd() -> PeerEnd {
        switch reading {
        case .head: return .cutOff
        case .body: return answering == .done ? close() : .cutOff
        case .idle, .done, .over: return close()
        }
    }

    private mutating func close() -> PeerEnd {
        reading = .over
        answering = .done
        return .close
    }

    /// Called when the responder's answer is given up.
    package mutating func abandonAnswer() {
        reading = .over
        keepsAlive = false
    }
}

/// The answer's side.
extension ConnectionState {
    /// Called when the head of the answer is about to be written.
    ///
    /// - Parameters:
    ///   - closes: true if the connection has to close after the answer.
    ///   - unreadBytes: the number of unread bytes of the body; nil if it is unknown.
    ///   - hasMore: true if bytes after this message may have been received.
    /// - Returns: the option for the head.
    package mutating func beginAnswer(closes: Bool, unreadBytes: Int?, hasMore: Bool) -> ConnectionOption {
        answering = .begun
        let isLast = (isStopping && !hasMore) || (peerHasEnded && !hasMore)
        // A client that was not told to send its body may send it or not (RFC 9110, section 10.1.1). So the next
        // bytes on the connection could be the body or a request.
        if closes || isLast || owesContinue || unreadBytes ?? 0 > Self.maxDrainedBytes { keepsAlive = false }
        guard keepsAlive else { return .close }
        return version == .http10 ? .keepAlive : .persistent
    }

    /// The way in which an exchange is settled.
    package enum Settlement: Sendable, Equatable {
        /// The next message may be read.
        case next
        /// Read and drop the rest of the body.
        case drain
        /// Write the queued bytes, close the sending direction, and drop bytes that arrive for a moment.
        case close
    }

    /// Called when the answer is complete.
    package mutating func finishAnswer() -> Settlement {
        answering = .done
        return settle()
    }

    private mutating func settle() -> Settlement {
        guard keepsAlive else {
            reading = .over
            return .close
        }
        switch reading {
        case .body:
            body = .dropped(bytes: 0)
            return .drain
        case .done:
            reading = .idle
            answering = .none
            return .next
        case .idle, .head, .over:
            reading = .over
            return .close
        }
    }

    /// Called when the server stops.
    package mutating func stop() {
        isStopping = true
    }
}

/// Timeouts.
extension ConnectionState {
    /// The actions for which the client has a limited time.
    package enum Timeout: Sendable, Equatable {
        /// The beginning of the next message.
        case idle
        /// The beginning of the next message while the server stops. Bytes that are under way have time to arrive.
        case grace
        /// The completion of the head.
        case head
        /// The completion of a body that is read or dropped.
        case body
        /// The receipt of the last answer, and the client's end of the connection.
        case linger
    }

    /// The timeout that applies now; nil if there is none.
    ///
    /// It begins when this property changes to its value.
    package var timeout: Timeout? {
        switch reading {
        case .idle: return isStopping ? .grace : .idle
        case .head: return .head
        case .body:
            if case .untouched = body { return nil }
            return .body
        case .done: return nil
        case .over: return answering == .done ? .linger : nil
        }
    }

    /// The action when a timeout is over.
    package enum Expiry: Sendable, Equatable {
        /// Close: no answer is owed.
        case close
        /// The request is too slow: go on as after `fail`.
        case tooSlow
        /// No task waits for the client, so the timeout does not apply.
        case ignore
    }

    /// Called when the current timeout has passed.
    package mutating func expire() -> Expiry {
        switch timeout {
        case .idle, .grace:
            _ = close()
            return .close
        case .linger: return .close
        case .head: return .tooSlow
        case .body:
            switch body {
            case .wanted(let isWaiting): return isWaiting ? .tooSlow : .ignore
            case .dropped: return .close
            case .untouched: return .ignore
            }
        case nil: return .ignore
        }
    }
}
