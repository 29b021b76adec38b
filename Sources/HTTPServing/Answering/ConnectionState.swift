/// One connection's place in the protocol (RFC 9112, section 9), without sockets, bytes or time.
///
/// # Theory of operation
///
/// Two machines run side by side, one for what the client sends and one for what is answered.
///
///     reading:    idle ─→ head ─→ body ─→ done          over: nothing is read as a request any more
///     answering:  none ─────────→ owed ─→ begun ─→ done
///
/// The head of a message moves both: it is read, and an answer is owed. From there on each goes its own way: an answer
/// may be complete before the body has been read, and the other way round. When the answer is done, the exchange is
/// settled in one of three ways: both go back to the beginning; the rest of the body is first read and dropped, if it
/// is small; or the connection closes.
///
/// There is one exchange at a time, and answers go out in the order of their requests because the next head is not read
/// before. What a pipelining client sends ahead stays unread, within the bound of whoever holds the bytes.
///
/// Closing is done from this side: what has been answered is written, the sending direction is closed, and what still
/// comes is dropped for a moment, so that the client's system does not throw the answer away (RFC 9112, section 9.6).
///
/// A graceful stop changes two things: an idle connection waits only `Timeout.grace`, and the last answer to what has
/// been read says `Connection: close`.
///
/// The owner tells what has happened by calling a method, does what the returned action says, and keeps the one timer
/// that `timeout` asks for.
package struct ConnectionState: Sendable {
    /// How much of an unread body is read and dropped to keep the connection: 64 KiB.
    ///
    /// Past it, the connection closes.
    package static let drainedBytesMax = 64 << 10

    package private(set) var reading = Reading.idle
    package private(set) var answering = Answering.none
    private var version = HTTPVersion.http11
    private var body = BodyUse.untouched(expectsContinue: false)
    // Facts that hold beside each other, whatever the two machines do.
    private var keepsAlive = true
    private var isStopping = false
    /// The client will send no more; what it sent before may still be unread.
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
        /// Nobody has asked for it, nor told the client to send it, which may wait for that.
        case untouched(expectsContinue: Bool)
        /// A responder is reading it, and may be waiting for more.
        case wanted(isWaiting: Bool)
        /// The answer is complete; the rest is dropped, so much of it by now.
        case dropped(bytes: Int)
    }

    /// Whether the client waits to be told to send its body.
    private var owesContinue: Bool {
        guard reading == .body, case .untouched(expectsContinue: true) = body else { return false }
        return true
    }

    package init() {}
}

/// The client's side.
extension ConnectionState {
    /// The first byte of a message has been read.
    package mutating func beginHead() {
        if reading == .idle { reading = .head }
    }

    /// A message's head has been read, and an answer is owed.
    package mutating func receiveHead(version: HTTPVersion, framing: MessageFraming) {
        self.version = version
        keepsAlive = framing.keepsAlive
        reading = .body
        answering = .owed
        body = .untouched(expectsContinue: framing.expectsContinue)
    }

    /// What to do when a responder asks for more of the body.
    package enum BodyRequest: Sendable, Equatable {
        /// Hand out what is there, or wait.
        case read
        /// First write the interim response 100, then as `read`.
        case sendContinueAndRead
        /// There is no more.
        case ended
    }

    /// A responder asks for more of the body.
    package mutating func requestBody() -> BodyRequest {
        guard reading == .body else { return .ended }
        // After the head of the final answer an interim one would be read as part of its content.
        let sendsContinue = owesContinue && answering == .owed
        body = .wanted(isWaiting: true)
        return sendsContinue ? .sendContinueAndRead : .read
    }

    /// What to do with a piece of the body.
    package enum BodyPiece: Sendable, Equatable {
        case deliver
        case drop
        /// More is coming than is worth reading.
        case close
    }

    /// So many bytes of the body have been read.
    package mutating func receiveBody(_ count: Int) -> BodyPiece {
        guard case .dropped(let before) = body else {
            // A client that sends without being told to needs no telling (RFC 9110, section 10.1.1).
            body = .wanted(isWaiting: false)
            return .deliver
        }
        body = .dropped(bytes: before + count)
        guard before + count > Self.drainedBytesMax else { return .drop }
        reading = .over
        return .close
    }

    /// The message has been read to its end.
    ///
    /// - Returns: True if that settles the exchange: the next message may be read.
    package mutating func receiveEnd() -> Bool {
        reading = .done
        guard answering == .done else { return false }
        return settle() == .next
    }

    /// What to do about a request that cannot be read on.
    package enum Failure: Sendable, Equatable {
        /// Answer with the failure's status, then close.
        case answer
        /// The responder is told, and its answer is the last one.
        case tellResponder
        /// The answer is out: close.
        case close
    }

    /// The request is malformed, too large, too slow, or cut off.
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

    /// The client will send no more; what it sent before may still be unread.
    ///
    /// - Returns: True if somebody is working on an answer: the client may have closed its sending direction alone, so
    ///   the answer is wanted; but most clients that end have gone, so after a while the responder is to be cancelled.
    package mutating func noticePeerEnd() -> Bool {
        peerHasEnded = true
        return answering == .owed
    }

    /// What to do when all that the client has sent is read.
    package enum PeerEnd: Sendable, Equatable {
        /// Nothing was begun: close.
        case close
        /// A message is cut off; go on as after `fail`.
        case cutOff
    }

    /// The client has ended, all that it sent is read, and more is needed.
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

    /// The responder is past its time, or nobody would hear it: whatever it returns is too late.
    package mutating func abandonAnswer() {
        reading = .over
        keepsAlive = false
    }
}

/// The answer's side.
extension ConnectionState {
    /// The head of the answer is about to be written.
    ///
    /// - Parameters:
    ///   - closes: Whether the responder wants to close, or has to, since only the end of the connection ends the
    ///     content.
    ///   - unreadBytes: How much of the body is unread; nil if that is not known.
    ///   - hasMore: Whether something that the client sent after this message has been read.
    /// - Returns: What the head has to say about the connection.
    package mutating func beginAnswer(closes: Bool, unreadBytes: Int?, hasMore: Bool) -> ConnectionOption {
        answering = .begun
        let isLast = (isStopping && !hasMore) || (peerHasEnded && !hasMore)
        // A client that was not told to go on may send its body or not (RFC 9110, section 10.1.1), so what follows on
        // the connection could be either.
        if closes || isLast || owesContinue || unreadBytes ?? 0 > Self.drainedBytesMax { keepsAlive = false }
        guard keepsAlive else { return .close }
        return version == .http10 ? .keepAlive : .persistent
    }

    /// How an exchange is settled.
    package enum Settlement: Sendable, Equatable {
        /// The next message may be read.
        case next
        /// Read on and drop the rest of the body.
        case drain
        /// Write out what is queued, close the sending direction, drop what still comes for a moment.
        case close
    }

    /// The answer is complete.
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

    /// The server is stopping: whatever has been read a first byte of is answered, and nothing after it.
    package mutating func stop() {
        isStopping = true
    }
}

/// Time.
extension ConnectionState {
    /// What the client has a limited time for.
    package enum Timeout: Sendable, Equatable {
        /// To begin its next message.
        case idle
        /// The same, while the server stops: so long that what is under way still arrives.
        case grace
        /// To complete the head.
        case head
        /// To complete the body, from the moment that someone asks for it.
        case body
        /// To take the last answer and end.
        case linger
    }

    /// The timeout that applies now; it runs from the moment that this became the value.
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

    /// What to do when a timeout is over.
    package enum Expiry: Sendable, Equatable {
        /// Close; there is nothing to answer.
        case close
        /// The request is too slow; go on as after `fail`.
        case tooSlow
        /// Nobody waits for the client: the time is over when somebody does.
        case ignore
    }

    /// The timeout that applies has passed.
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
