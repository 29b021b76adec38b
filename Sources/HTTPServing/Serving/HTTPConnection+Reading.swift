import EventLoops

extension HTTPConnection {
    /// Returns the next event from the client.
    ///
    /// The method suspends only if the held bytes contain no event.
    func nextArrival() async -> RequestIntake.Arrival {
        if let arrival = intake.readHeld() { return arrival }
        return await waitForArrival()
    }

    /// Waits for the next event from the client, when the held bytes contain none.
    private func waitForArrival() async -> RequestIntake.Arrival {
        if isGone { return .gone }
        if intake.state.peerHasEnded { return arrivalAtPeerEnd() }
        armTimer()
        if deadlines.isClientLate { return tooSlow() }
        connection.startReading()
        waits &+= 1
        return await unsafe withUnsafeContinuation { unsafe waiter.set($0) }
    }

    func arrivalAtPeerEnd() -> RequestIntake.Arrival {
        switch intake.state.reachPeerEnd() {
        case .close: return .closing
        case .cutOff:
            let arrival = intake.state.arrival(after: .malformed("the request is incomplete"))
            if case .broken = arrival { bodyIsCutOff() }
            return arrival
        }
    }

    /// Lets the responder go on for a while, because it hears of the cut body and answers that.
    ///
    /// If the answer has begun, the client cannot hear of it any more.
    private func bodyIsCutOff() {
        guard intake.state.answering == .owed else { return cancelTask() }
        clientMayBeGone()
        armTimer()
    }

    /// Fails the request, because the client's time is up.
    func tooSlow() -> RequestIntake.Arrival {
        intake.state.arrival(after: RequestFailure(.requestTimeout, "the request arrived too slowly"))
    }
}

/// The methods for the responder.
extension HTTPConnection {
    /// Returns the next piece of the body, or nil at its end.
    ///
    /// You can call it from any executor.
    func nextBodyPiece(exchange: UInt64, limit: Int) async throws(HTTPBodyError) -> [UInt8]? {
        guard loop.isCurrent else {
            return try await withTaskExecutorPreference(loop) { () async throws(HTTPBodyError) in
                try await nextBodyPieceOnLoop(exchange: exchange, limit: limit)
            }
        }
        return try await readBody(exchange: exchange, limit: limit)
    }

    /// Returns the rest of the body if all of it has arrived and the caller is on the loop; otherwise nil.
    func wholeBody(exchange: UInt64, limit: Int) throws(HTTPBodyError) -> [UInt8]? {
        guard loop.isCurrent, exchange == self.exchange, serving != .abandoned, bodyFailure == nil, !waiter.isWaiting,
            intake.holdsWholeBody(limit: limit)
        else { return nil }
        var whole: [UInt8] = []
        while case .arrived(let arrival) = intake.nextOfBody(limit: limit), let piece = try bodyPiece(arrival) {
            if whole.isEmpty { whole = piece } else { whole += piece }
        }
        return whole
    }

    @concurrent
    private func nextBodyPieceOnLoop(exchange: UInt64, limit: Int) async throws(HTTPBodyError) -> [UInt8]? {
        try await readBody(exchange: exchange, limit: limit)
    }

    private func readBody(exchange: UInt64, limit: Int) async throws(HTTPBodyError) -> [UInt8]? {
        guard exchange == self.exchange else { throw .unavailable }
        guard serving != .abandoned else { throw .cancelled }
        if let bodyFailure { throw bodyFailure }
        guard !waiter.isWaiting else { throw .unavailable }
        switch intake.nextOfBody(limit: limit) {
        case .unavailable: throw .unavailable
        case .disconnected: throw .disconnected
        case .ended: return nil
        case .arrived(let arrival):
            // The time of the body begins here. The timer is not set for it before a task waits.
            noteTimeout()
            return try bodyPiece(arrival)
        case .wait(let sendsContinue):
            if sendsContinue { writeContinue() }
            return try bodyPiece(await waitForBody())
        }
    }

    private func bodyPiece(_ arrival: RequestIntake.Arrival) throws(HTTPBodyError) -> [UInt8]? {
        switch arrival {
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

    private func writeContinue() {
        var interim: [UInt8] = []
        interim.appendContinue()
        connection.write(interim)
    }

    private func waitForBody() async -> RequestIntake.Arrival {
        let wait = waits &+ 1
        return await withTaskCancellationHandler {
            await waitForArrival()
        } onCancel: {
            loop.execute { self.cancelWait(wait) }
        }
    }

    private func cancelWait(_ wait: UInt64) {
        if waits == wait { resume(.cancelled) }
    }
}
