import EventLoops

extension HTTPConnection {
    /// Calls the responder, and queues its answer.
    func answer(_ head: HTTPRequestHead) async {
        exchange &+= 1
        bodyFailure = nil
        let request = HTTPRequest(head, on: self, exchange: exchange)
        self.head = head
        defer { (self.head, attachment) = (nil, nil) }
        let clock = AccessClock(server.observer)
        beginTiming()
        let response: HTTPResponse
        do {
            response = try await server.responder.respond(to: request)
        } catch {
            // If the client has another answer or has gone, the responder can still log the error.
            response = answer(to: error, request)
        }
        endTiming()
        var sent = Sent(status: response.status)
        if let sentInstead {
            sent = sentInstead
        } else if isGone {
            sent.isComplete = false
        } else {
            sent = await send(response, to: request)
        }
        // A task that the responder started may still be reading the body.
        resume(.cancelled)
        clock.report(sent, request)
    }

    /// The part of an answer that was queued.
    struct Sent {
        var status: HTTPStatus
        var contentBytes = 0
        var isComplete = true
    }

    /// Answers a request whose head cannot be read.
    func refuse(_ failure: RequestFailure) {
        let clock = AccessClock(server.observer)
        let sent = queue(HTTPResponse(status: failure.status, error: failure.reason), method: .get, version: .http11)
        _ = intake.state.finishAnswer()
        clock.report(sent, nil)
    }

    /// Answers the request in place of the responder, whose time is up.
    func abandonAnswer(_ reason: HTTPServingError) {
        guard intake.state.answering == .owed, let head else { return }
        let response = answer(to: reason, HTTPRequest(head, on: self, exchange: exchange))
        intake.state.abandonAnswer()
        abandonTask()
        sentInstead = queue(response, method: head.method, version: head.version)
        _ = intake.state.finishAnswer()
        resume(.cancelled)
        beginClosing()
    }

    private func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        // A cancellation is not the responder's error: the client has gone, or the time is up.
        let isCancellation = serving != .wanted && error is CancellationError
        var answer = server.responder.answer(to: isCancellation ? HTTPBodyError.cancelled : error, request)
        // The answer to an error is queued at once, so it must be final and whole.
        guard answer.status.code >= 200 else {
            return HTTPResponse(status: .internalServerError, error: "internal error")
        }
        if case .stream = answer.body { answer.body = .none }
        return answer
    }

    private func send(_ response: HTTPResponse, to request: HTTPRequest) async -> Sent {
        let (method, version) = (request.head.method, request.head.version)
        guard response.status.code >= 200 else {
            // A client that gets an interim status would wait for the real one.
            let error = HTTPServingError.interimStatus(response.status)
            return queue(answer(to: error, request), method: method, version: version)
        }
        guard case .stream(let length, let write) = response.body else {
            return queue(response, method: method, version: version)
        }
        let framing = ResponseFraming(status: response.status, method: method, version: version, length: length)
        guard method != .head, framing != .none else {
            return queue(response, method: method, version: version)
        }
        outgoing = OutgoingContent(head: response.head, framing: framing, left: length)
        defer { outgoing = nil }
        var writer = HTTPBodyWriter(self, exchange: exchange)
        do {
            try await write(&writer)
            try finishContent()
        } catch {
            if outgoing?.head != nil, !isGone {
                return queue(answer(to: error, request), method: method, version: version)
            }
            // The client has the beginning of the content. So the responder can only log the error. When the client
            // has gone, every error may be due to that.
            let isDisconnected = (error as? HTTPBodyWriterError)?.code == .disconnected
            if !isGone, !isDisconnected { _ = answer(to: error, request) }
            breakOff()
            return Sent(status: response.status, contentBytes: outgoing?.bytes ?? 0, isComplete: false)
        }
        return Sent(status: response.status, contentBytes: outgoing?.bytes ?? 0)
    }

    /// Queues a whole response, or the head of a response that is written in pieces.
    private func queue(_ response: HTTPResponse, method: HTTPMethod, version: HTTPVersion) -> Sent {
        var content: [UInt8] = []
        var length: Int? = 0
        switch response.body {
        case .none: break
        case .bytes(let bytes):
            content = bytes
            length = bytes.count
        case .stream(let announced, _):
            length = announced
        }
        let framing = ResponseFraming(status: response.status, method: method, version: version, length: length)
        if method == .head || framing == .none { content = [] }
        var output = begin(response.head, framing, room: content.count)
        if content.count <= Self.maxCopiedBytes {
            output += content
            connection.write(output)
        } else {
            connection.write(output)
            connection.write(content)
        }
        return Sent(status: response.status, contentBytes: content.count)
    }

    /// The largest number of bytes of content that are copied behind the head.
    ///
    /// Longer content is written without a copy.
    static let maxCopiedBytes = 16 << 10

    /// Tells the state that the answer begins, and returns the bytes of its head.
    ///
    /// - Parameter room: the number of bytes of content that will follow in the same array.
    func begin(_ head: HTTPResponseHead, _ framing: ResponseFraming, room: Int) -> [UInt8] {
        let option = intake.beginAnswer(
            closes: framing == .untilClose || serving != .wanted || Self.asksToClose(head.fields))
        var output: [UInt8] = []
        output.reserveCapacity(180 + head.fields.bytes.count + min(room, Self.maxCopiedBytes))
        output.append(head, framing: framing, connection: option, date: share.dateLine)
        return output
    }

    private static func asksToClose(_ fields: HTTPFields) -> Bool {
        guard fields.contains(.connection) else { return false }
        var asks = false
        for value in fields.values(of: .connection) {
            let bytes = value.utf8Span.span
            Grammar.forEachMember(bytes.indices, of: bytes) { member in
                asks = asks || Grammar.equalIgnoringCase(member, of: bytes, "close")
            }
        }
        return asks
    }
}

/// Measures the time of a request for its access record, if the server has an observer.
private struct AccessClock {
    private let observer: (any HTTPServerObserver)?
    private let began: ContinuousClock.Instant?

    init(_ observer: (any HTTPServerObserver)?) {
        self.observer = observer
        began = observer == nil ? nil : .now
    }

    func report(_ sent: HTTPConnection.Sent, _ request: HTTPRequest?) {
        guard let observer, let began else { return }
        observer.answered(
            request,
            HTTPAccessRecord(
                status: sent.status, contentBytes: sent.contentBytes,
                duration: began.duration(to: .now), isComplete: sent.isComplete))
    }
}
