import Testing

@testable import HTTPServing

struct ConnectionStateTests {
    /// A connection whose message's head has just been read.
    private func state(
        _ version: HTTPVersion = .http11, keepsAlive: Bool = true, expectsContinue: Bool = false
    ) throws -> ConnectionState {
        let host = HTTPFields.Line(nameStart: 0, valueStart: 4, valueLength: 0, nameLength: 4, known: .host)
        var framing = try MessageFraming(version: .http11, lines: [host], of: Array("Host".utf8).span)
        framing.keepsAlive = keepsAlive
        framing.expectsContinue = expectsContinue
        var state = ConnectionState()
        state.beginHead()
        state.receiveHead(version: version, framing: framing)
        return state
    }

    @Test("After a message and its answer the next message may come")
    func keepAlive() throws {
        var state = try state()
        #expect(state.receiveEnd() == false)
        #expect(state.beginAnswer(closes: false, unreadBytes: 0, hasMore: false) == .persistent)
        #expect(state.finishAnswer() == .next)
        #expect(state.reading == .idle && state.answering == .none)
        #expect(state.timeout == .idle)
    }

    @Test("A client of HTTP/1.0 that asked to keep the connection is told so")
    func keepAliveInOldVersion() throws {
        var state = try state(.http10)
        _ = state.receiveEnd()
        #expect(state.beginAnswer(closes: false, unreadBytes: 0, hasMore: false) == .keepAlive)
        #expect(state.finishAnswer() == .next)
    }

    @Test("The client's wish to close is followed, and so is the responder's")
    func closes() throws {
        for (keepsAlive, closes) in [(false, false), (true, true)] {
            var state = try state(keepsAlive: keepsAlive)
            _ = state.receiveEnd()
            #expect(state.beginAnswer(closes: closes, unreadBytes: 0, hasMore: true) == .close)
            #expect(state.finishAnswer() == .close)
            #expect(state.timeout == .linger)
            #expect(state.expire() == .close)
        }
    }

    @Test("A small body that nobody read is dropped, then the next message may come")
    func drain() throws {
        var state = try state()
        #expect(state.beginAnswer(closes: false, unreadBytes: 65_536, hasMore: false) == .persistent)
        #expect(state.finishAnswer() == .drain)
        #expect(state.timeout == .body)
        #expect(state.receiveBody(65_536) == .drop)
        #expect(state.receiveEnd() == true)
        #expect(state.reading == .idle)
    }

    @Test("A body too large to drop closes, announced if its length is known")
    func drainTooMuch() throws {
        var known = try state()
        #expect(known.beginAnswer(closes: false, unreadBytes: 65_537, hasMore: false) == .close)
        #expect(known.finishAnswer() == .close)
        var chunked = try state()
        #expect(chunked.beginAnswer(closes: false, unreadBytes: nil, hasMore: false) == .persistent)
        #expect(chunked.finishAnswer() == .drain)
        #expect(chunked.receiveBody(65_536) == .drop)
        #expect(chunked.receiveBody(1) == .close)
        #expect(chunked.reading == .over && chunked.timeout == .linger)
    }

    @Test("A body that arrives too slowly to be dropped closes")
    func drainTooSlow() throws {
        var state = try state()
        _ = state.beginAnswer(closes: false, unreadBytes: nil, hasMore: false)
        #expect(state.finishAnswer() == .drain)
        #expect(state.expire() == .close)
    }

    @Test("An answer may be complete before its body has been read by the responder")
    func answerFirst() throws {
        var state = try state()
        #expect(state.requestBody() == .read)
        _ = state.beginAnswer(closes: false, unreadBytes: 10, hasMore: false)
        #expect(state.receiveBody(10) == .deliver)
        #expect(state.receiveEnd() == false)
        #expect(state.requestBody() == .ended)
        #expect(state.finishAnswer() == .next)
    }

    @Test("The interim response is sent once, when the body is asked for")
    func sendsContinue() throws {
        var state = try state(expectsContinue: true)
        #expect(state.requestBody() == .sendContinueAndRead)
        #expect(state.requestBody() == .read)
        _ = state.receiveEnd()
        #expect(state.requestBody() == .ended)
        #expect(state.beginAnswer(closes: false, unreadBytes: 0, hasMore: false) == .persistent)
    }

    @Test("A client that was never told to go on is closed on")
    func neverContinued() throws {
        var state = try state(expectsContinue: true)
        #expect(state.beginAnswer(closes: false, unreadBytes: 10, hasMore: false) == .close)
        #expect(state.requestBody() == .read)
        #expect(state.finishAnswer() == .close)
    }

    @Test("What cannot be read is answered if nothing is owed, else the responder hears of it, else it closes")
    func failures() throws {
        var early = ConnectionState()
        early.beginHead()
        #expect(early.fail() == .answer)
        #expect(early.answering == .owed)
        #expect(early.beginAnswer(closes: false, unreadBytes: 0, hasMore: true) == .close)
        #expect(early.finishAnswer() == .close)

        var reading = try state()
        #expect(reading.requestBody() == .read)
        #expect(reading.fail() == .tellResponder)
        #expect(reading.requestBody() == .ended)
        #expect(reading.beginAnswer(closes: false, unreadBytes: nil, hasMore: true) == .close)
        #expect(reading.finishAnswer() == .close)

        var late = try state()
        _ = late.beginAnswer(closes: false, unreadBytes: nil, hasMore: false)
        _ = late.finishAnswer()
        #expect(late.fail() == .close)
    }

    @Test("The timeout is that of what the client has to do next")
    func timeouts() throws {
        var state = ConnectionState()
        #expect(state.timeout == .idle)
        state.beginHead()
        #expect(state.timeout == .head)
        state = try self.state()
        #expect(state.timeout == nil)
        _ = state.requestBody()
        #expect(state.timeout == .body)
        _ = state.receiveEnd()
        #expect(state.timeout == nil)
    }

    @Test("A slow head or body is too slow, an idle connection just ends")
    func expiry() throws {
        var idle = ConnectionState()
        #expect(idle.expire() == .close)
        #expect(idle.reading == .over)

        var head = ConnectionState()
        head.beginHead()
        #expect(head.expire() == .tooSlow)

        var body = try state()
        #expect(body.expire() == .ignore)
        _ = body.requestBody()
        #expect(body.expire() == .tooSlow)
    }

    @Test("The time of a body that the responder does not wait for just now is over when it does")
    func slowResponder() throws {
        var state = try state()
        _ = state.requestBody()
        #expect(state.receiveBody(1) == .deliver)
        #expect(state.expire() == .ignore)
        _ = state.requestBody()
        #expect(state.expire() == .tooSlow)
    }

    @Test("The client's end closes an idle connection and cuts off a message")
    func peerEnd() throws {
        var idle = ConnectionState()
        #expect(idle.noticePeerEnd() == false)
        #expect(idle.reachPeerEnd() == .close)
        #expect(idle.timeout == .linger)

        var head = ConnectionState()
        head.beginHead()
        #expect(head.reachPeerEnd() == .cutOff)

        var body = try state()
        #expect(body.noticePeerEnd() == true)
        #expect(body.reachPeerEnd() == .cutOff)

        var dropped = try state()
        _ = dropped.beginAnswer(closes: false, unreadBytes: 10, hasMore: true)
        _ = dropped.finishAnswer()
        #expect(dropped.reachPeerEnd() == .close)
    }

    @Test("A client that sent whole messages and ended gets all their answers")
    func peerEndAfterPipeline() throws {
        var state = try state()
        _ = state.receiveEnd()
        #expect(state.noticePeerEnd() == true)
        #expect(state.beginAnswer(closes: false, unreadBytes: 0, hasMore: true) == .persistent)
        #expect(state.finishAnswer() == .next)
        var last = try self.state()
        _ = last.receiveEnd()
        _ = last.noticePeerEnd()
        #expect(last.beginAnswer(closes: false, unreadBytes: 0, hasMore: false) == .close)
        #expect(last.noticePeerEnd() == false)
        #expect(last.finishAnswer() == .close)
    }

    @Test("A client that sends its body without being told to go on stays connected")
    func unaskedBody() throws {
        var state = try state(expectsContinue: true)
        #expect(state.receiveBody(5) == .deliver)
        #expect(state.requestBody() == .read)
        #expect(state.beginAnswer(closes: false, unreadBytes: 0, hasMore: false) == .persistent)
    }

    @Test("A client that sends an empty body in chunks without being told to go on stays connected")
    func unaskedEnd() throws {
        var state = try state(expectsContinue: true)
        #expect(state.receiveEnd() == false)
        #expect(state.beginAnswer(closes: false, unreadBytes: 0, hasMore: false) == .persistent)
    }

    @Test("An abandoned answer is the last")
    func abandoned() throws {
        var state = try state()
        _ = state.receiveEnd()
        state.abandonAnswer()
        #expect(state.requestBody() == .ended)
        #expect(state.beginAnswer(closes: false, unreadBytes: 0, hasMore: true) == .close)
        #expect(state.finishAnswer() == .close)
    }

    @Test("At a stop, what was read a first byte of is answered, and the last answer says so")
    func stop() throws {
        var idle = ConnectionState()
        idle.stop()
        #expect(idle.timeout == .grace)
        idle.beginHead()
        #expect(idle.timeout == .head)

        var busy = try state()
        _ = busy.receiveEnd()
        busy.stop()
        #expect(busy.beginAnswer(closes: false, unreadBytes: 0, hasMore: true) == .persistent)
        #expect(busy.finishAnswer() == .next)
        #expect(busy.timeout == .grace)

        var last = try state()
        _ = last.receiveEnd()
        last.stop()
        #expect(last.beginAnswer(closes: false, unreadBytes: 0, hasMore: false) == .close)
        #expect(last.finishAnswer() == .close)
    }
}
