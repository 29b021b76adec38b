import EventLoops

extension HTTPConnection {
    /// What the client does next; suspends only if that is not known yet.
    func nextArrival() async -> Arrival {
        if let arrival = readHeld() { return arrival }
        if isGone { return .gone }
        if hasPeerEnded { return arrivalAtPeerEnd() }
        armTimer()
        if deadlines.isClientLate { return tooSlow() }
        connection.startReading()
        waits &+= 1
        return await unsafe withUnsafeContinuation { unsafe waiter.set($0) }
    }

    /// What the bytes say that were received before anybody asked.
    func readHeld() -> Arrival? {
        let bytes = held.bytes
        var offset = held.start
        let arrival = read(bytes.span, at: &offset)
        held.consume(to: offset)
        return arrival
    }

    /// The next thing that the task has to know of; nil if more must come.
    func read(_ bytes: Span<UInt8>, at offset: inout Int) -> Arrival? {
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
                return arrival(after: failure)
            }
        }
    }

    /// Keeps what came after what was asked for.
    func hold(_ bytes: Span<UInt8>, from offset: Int) {
        guard offset < bytes.count else { return }
        held.append(bytes.extracting(offset..<bytes.count))
        if held.isFull { connection.stopReading() }
    }

    func arrivalAtPeerEnd() -> Arrival {
        switch state.reachPeerEnd() {
        case .close: return .closing
        case .cutOff:
            let arrival = arrival(after: .malformed("the request is incomplete"))
            if case .broken = arrival { cancelTask() }
            return arrival
        }
    }

    /// The client is past its time.
    func tooSlow() -> Arrival {
        arrival(after: RequestFailure(.requestTimeout, "the request came too slowly"))
    }

    private func arrival(after failure: RequestFailure) -> Arrival {
        switch state.fail() {
        case .answer: return .refused(failure)
        case .tellResponder: return .broken(failure)
        case .close: return .closing
        }
    }
}

/// For the responder.
extension HTTPConnection {
    /// The next piece of the body, nil at its end; from any executor.
    func nextBodyPiece(exchange: UInt64, limit: Int) async throws(HTTPBodyError) -> [UInt8]? {
        guard loop.isCurrent else {
            return try await withTaskExecutorPreference(loop) { () async throws(HTTPBodyError) in
                try await nextBodyPieceOnLoop(exchange: exchange, limit: limit)
            }
        }
        return try await readBody(exchange: exchange, limit: limit)
    }

    @concurrent
    private func nextBodyPieceOnLoop(exchange: UInt64, limit: Int) async throws(HTTPBodyError) -> [UInt8]? {
        try await readBody(exchange: exchange, limit: limit)
    }

    private func readBody(exchange: UInt64, limit: Int) async throws(HTTPBodyError) -> [UInt8]? {
        if let bodyFailure, exchange == self.exchange { throw bodyFailure }
        guard exchange == self.exchange, state.answering == .owed || state.answering == .begun, !waiter.isWaiting else {
            throw .unavailable
        }
        guard !isGone, state.reading != .over else { throw .disconnected }
        guard state.reading == .body else { return nil }
        parser.bodyBytesMax = limit
        switch await bodyArrival() {
        case .body(let piece): return piece
        case .end: return nil
        case .cancelled: throw .cancelled
        case .broken(let failure):
            let error = HTTPBodyError(failure)
            bodyFailure = error
            throw error
        case .head, .refused, .closing, .gone: throw .disconnected
        }
    }

    private func bodyArrival() async -> Arrival {
        if let arrival = readHeld() { return arrival }
        if state.requestBody() == .sendContinueAndRead {
            var interim: [UInt8] = []
            interim.appendContinue()
            connection.write(interim)
        }
        let wait = waits &+ 1
        return await withTaskCancellationHandler {
            await nextArrival()
        } onCancel: {
            loop.execute { self.cancelWait(wait) }
        }
    }

    private func cancelWait(_ wait: UInt64) {
        if waits == wait { resume(.cancelled) }
    }
}
