import EventLoops

/// Content that is being written in pieces.
struct OutgoingContent {
    /// The response's head, which is queued with the first piece; nil after that.
    var head: HTTPResponseHead?
    var framing: ResponseFraming
    /// The number of bytes that are left of an announced length.
    var left: Int?
    /// The number of bytes that are written.
    var bytes = 0
}

extension HTTPConnection {
    /// True if the head of content that is being written has been queued.
    var hasBegunContent: Bool { outgoing.map { $0.head == nil } ?? false }

    /// Queues a piece of the content, and waits until the client has taken most of it.
    ///
    /// You can call it from any executor.
    func write(content: [UInt8], exchange: UInt64) async throws(HTTPBodyWriterError) {
        guard loop.isCurrent else {
            return try await withTaskExecutorPreference(loop) { () async throws(HTTPBodyWriterError) in
                try await writeOnLoop(content, exchange: exchange)
            }
        }
        try await queueAndDrain(content, exchange: exchange)
    }

    @concurrent
    private func writeOnLoop(_ content: [UInt8], exchange: UInt64) async throws(HTTPBodyWriterError) {
        try await queueAndDrain(content, exchange: exchange)
    }

    private func queueAndDrain(_ content: [UInt8], exchange: UInt64) async throws(HTTPBodyWriterError) {
        try queue(content, exchange: exchange)
        if connection.unwrittenBytes > Connection.waterMark {
            await drain()
            // A client that takes everything at once would keep the loop from its other connections.
            await Task.yield()
        }
        if isBroken { throw .disconnected }
    }

    /// True if written bytes cannot reach the client: the connection is closed, or its loop will report that in its
    /// next turn.
    ///
    /// A writer that never waits would never let that turn come.
    private var isBroken: Bool { isGone || connection.isClosed }

    private func queue(_ content: [UInt8], exchange: UInt64) throws(HTTPBodyWriterError) {
        guard exchange == self.exchange, var outgoing else { throw .unavailable }
        guard !isBroken else { throw .disconnected }
        if let left = outgoing.left {
            guard content.count <= left else { throw .wrongLength }
            outgoing.left = left - content.count
        }
        var output: [UInt8] = []
        if let head = outgoing.head.take() { output = begin(head, outgoing.framing, room: content.count) }
        outgoing.bytes += content.count
        self.outgoing = outgoing
        if content.count > Self.maxCopiedBytes {
            queueLarge(content, after: output, outgoing.framing)
        } else {
            if outgoing.framing == .chunked { output.append(chunk: content) } else { output += content }
            connection.write(output)
        }
    }

    /// Queues a large piece without a copy.
    private func queueLarge(_ content: [UInt8], after output: [UInt8], _ framing: ResponseFraming) {
        guard framing == .chunked else {
            connection.write(output)
            return connection.write(content)
        }
        var output = output
        output.append(chunkSize: content.count)
        connection.write(output)
        connection.write(content)
        connection.write([Grammar.cr, Grammar.lf])
    }

    /// Ends the content when the writer has returned.
    func finishContent() throws(HTTPBodyWriterError) {
        guard !isGone else { throw .disconnected }
        guard outgoing?.left ?? 0 == 0 else { throw .wrongLength }
        guard let content = outgoing else { return }
        var output: [UInt8] = []
        if let head = content.head {
            output = begin(head, .length(0), room: 0)
            outgoing?.head = nil
        } else if content.framing == .chunked {
            output.appendLastChunk()
        }
        connection.write(output)
    }

    /// Ends the connection so that the client sees that the content is incomplete, if the connection can show that.
    func breakOff() {
        intake.state.abandonAnswer()
        // Without an announced length or chunks, the content ends when the connection ends. Only a reset shows the
        // client that it is incomplete. Over a socket in the file system the client may see an ordinary end instead.
        if outgoing?.framing == .untilClose { connection.reset() }
    }

    /// Waits until at most `Connection.waterMark` bytes are unwritten, or the connection is gone.
    func drain() async {
        connection.flush()
        while !isGone, !drainWaiter.isWaiting, connection.unwrittenBytes > Connection.waterMark {
            deadlines.unwritten = connection.unwrittenBytes
            deadlines.write = deadline(after: share.timeouts.idle)
            armTimer()
            await unsafe withUnsafeContinuation { unsafe drainWaiter.set($0) }
        }
        deadlines.write = .max
    }
}
