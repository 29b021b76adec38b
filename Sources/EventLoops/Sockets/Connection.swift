import CWippyUV
import Glibc

/// A connection that a listener accepted, or a TCP connection that you opened to a server.
///
/// The number of unwritten bytes has no limit. If you write a lot, check ``unwrittenBytes`` and wait for
/// ``ConnectionHandler/drained()``. A connection stays alive until it is closed.
///
/// `@unchecked Sendable`: confined to its loop. Its methods check that they run there, some of them in debug builds
/// only.
public final class Connection: @unchecked Sendable {
    /// The number of unwritten bytes above which you should wait before you write more: 64 KiB.
    public static let waterMark = 64 * 1024

    /// The loop of the connection.
    ///
    /// Use the connection on the loop's thread only.
    public let loop: EventLoop
    /// The peer's address.
    public let remoteAddress: SocketAddress
    /// Receives the events of the connection.
    ///
    /// Set it before you start reading. The connection keeps its handler until it calls
    /// ``ConnectionHandler/closed(_:)``.
    public var handler: (any ConnectionHandler)?

    private let stream: UnsafeMutablePointer<Stream>
    /// The acceptor of the connection; nil if the connection was opened from here.
    private let acceptor: Acceptor?
    /// Called once when the connection is open, or cannot be opened.
    private var opened: (@Sendable (SocketError?) -> Void)?
    private var outgoing = OutgoingBytes()
    private var state = StreamState.open(.paused, .open)
    /// The reason why the peer could not be told that no more bytes come; nil if there is none.
    private var endError: SocketError?
    private var awaited = AwaitedEvent.none
    /// True if the loop will write the connection's bytes at the end of the turn.
    private var awaitsFlush = false
    /// The bytes that libuv writes as soon as the peer takes more; empty if there are none.
    private var pending = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

    /// The event for which the handler is called next.
    private enum AwaitedEvent {
        case none
        /// All bytes are written.
        case whenEmpty
        /// The number of unwritten bytes falls to the water mark, after it was above the mark.
        case whenLow
    }

    /// The values that must keep their place in memory while the handle lives.
    private struct Stream {
        var tcp = uv_tcp_t()
        var write = uv_write_t()
        var shutdown = uv_shutdown_t()
    }

    /// Takes over an accepted socket.
    ///
    /// Call it on the loop's thread, and not while the loop ends.
    ///
    /// If the loop cannot take the socket, the socket is closed, and the handler receives the reason.
    convenience init(socket: Int32, remoteAddress: SocketAddress, loop: EventLoop, acceptor: Acceptor) {
        self.init(remoteAddress, loop: loop, acceptor: acceptor)
        let status = uv_tcp_open(tcp, socket)
        if status != 0 {
            Glibc.close(socket)
            fail(status)
        }
    }

    /// Opens a connection to a server.
    ///
    /// Call it on the loop's thread.
    ///
    /// You can start reading when the connection is open. You can close the connection before that.
    ///
    /// - Parameters:
    ///   - address: the server's IP address and port. ``SocketAddress/resolved()`` makes them from a name. The address
    ///     cannot be that of a file.
    ///   - loop: the loop of the connection.
    ///   - handler: receives the events of the connection.
    ///   - opened: called once, on the loop: with nil when the connection is open, otherwise with the reason why it
    ///     cannot be opened. It may be called before this method returns.
    /// - Returns: the connection; nil if the loop is ending or has ended.
    public static func open(
        to address: SocketAddress, on loop: EventLoop, handler: any ConnectionHandler,
        then opened: @escaping @Sendable (SocketError?) -> Void
    ) -> Connection? {
        loop.requireCurrent()
        guard !loop.isEnding, !loop.hasEnded else {
            opened(.loopsShutDown)
            return nil
        }
        let connection = Connection(address, loop: loop, acceptor: nil)
        connection.handler = handler
        connection.opened = opened
        connection.connect()
        return connection
    }

    private init(_ remoteAddress: SocketAddress, loop: EventLoop, acceptor: Acceptor?) {
        self.loop = loop
        self.remoteAddress = remoteAddress
        self.acceptor = acceptor
        stream = .allocate(capacity: 1)
        stream.initialize(to: Stream())
        loop.assertCurrent()
        // This call makes no socket, so it cannot fail.
        uv_tcp_init(loop.handles.loop, tcp)
        loop.openHandles += 1
        tcp.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// True if the connection is closed, for any reason.
    public var isClosed: Bool {
        loop.assertCurrent()
        return !state.isOpen
    }

    /// The number of bytes that ``write(_:)`` has queued and that the system has not taken yet.
    public var unwrittenBytes: Int {
        loop.assertCurrent()
        return outgoing.count + pending.count
    }

    /// True if the peer has ended or broken the connection.
    ///
    /// It is false once the connection is closed.
    ///
    /// Use it while you do not read: ``ConnectionHandler/receivedEnd()`` is called only while you read.
    public var hasPeerLeft: Bool {
        loop.assertCurrent()
        guard state.isOpen, let descriptor else { return false }
        var state = pollfd(fd: descriptor, events: Self.peerEnded, revents: 0)
        return poll(&state, 1, 0) > 0
    }

    /// POLLRDHUP, which Swift does not import.
    ///
    /// `poll` also reports a broken connection, without a flag for it.
    private static let peerEnded: Int16 = 0x2000

    /// Starts to pass received bytes to the handler.
    ///
    /// The call has no effect while you read, after ``ConnectionHandler/receivedEnd()``, and after the connection is
    /// closed.
    public func startReading() {
        loop.requireCurrent()
        guard state.startReading() else { return }
        let status = uv_read_start(
            base,
            { handle, _, buffer in
                guard let connection = Connection.of(handle) else { return }
                let space = connection.loop.handles.readBuffer
                space.withMemoryRebound(to: CChar.self) {
                    buffer?.pointee = uv_buf_init($0.baseAddress, UInt32($0.count))
                }
            },
            { handle, count, _ in
                Connection.of(handle)?.readReturned(count)
            })
        if status != 0 { fail(status) }
    }

    /// Stops passing received bytes to the handler.
    ///
    /// Further bytes wait in the system. You can call it at any time.
    public func stopReading() {
        loop.assertCurrent()
        if state.pauseReading() { uv_read_stop(base) }
    }

    /// Queues bytes, which are written from the end of the turn on, or by ``flush()``.
    ///
    /// The bytes are dropped if the connection is closed, or if ``finishWriting()`` was called.
    public func write(_ bytes: [UInt8]) {
        loop.assertCurrent()
        guard state.acceptsBytes, !bytes.isEmpty else { return }
        outgoing.append(bytes)
        if unwrittenBytes > Self.waterMark {
            awaited = .whenLow
        } else if awaited == .none {
            awaited = .whenEmpty
        }
        flushAtEnd()
    }

    /// Writes as many of the queued bytes as the system takes now.
    public func flush() {
        loop.assertCurrent()
        guard state.isOpen, pending.isEmpty, !outgoing.isEmpty else { return }
        writeOut()
        progressed()
    }

    /// Half-closes the connection: after all queued bytes are written, the peer learns that no more will come.
    ///
    /// You can still read. When you have also read the peer's end, the connection closes by itself. Call this method on
    /// the connection's loop. Later calls do nothing.
    public func finishWriting() {
        loop.requireCurrent()
        if state.finishWriting() { flushAtEnd() }
    }

    /// Closes the connection in both directions.
    ///
    /// The queued bytes that the system takes now are written, and the others are dropped. If the peer has sent bytes
    /// that you have not read, the system resets the connection. To avoid that, call ``finishWriting()`` and read
    /// until the peer's end. You can call `close()` at any time, and more than once.
    public func close() {
        loop.requireCurrent()
        writeOut()
        close(nil)
    }

    /// Closes the connection with an error for the peer, and drops the queued bytes.
    ///
    /// Over TCP the peer gets the error (RST). Over a socket in the file system it gets an error only if it has sent
    /// bytes that you have not read. Otherwise it sees an ordinary end.
    ///
    /// You can call this method at any time, and more than once.
    public func reset() {
        loop.requireCurrent()
        guard state.isOpen else { return }
        resetOnClose()
        close(nil)
    }

    func closeForShutdown() {
        close(.loopsShutDown)
    }

    func flushAtEndOfTurn() {
        awaitsFlush = false
        if outgoing.isEmpty { progressed() } else { flush() }
    }
}

extension Connection {
    private var tcp: UnsafeMutablePointer<uv_tcp_t> {
        UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_tcp_t.self)
    }

    private var base: UnsafeMutablePointer<uv_stream_t> {
        UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_stream_t.self)
    }

    private static func of(_ handle: UnsafeMutablePointer<uv_handle_t>?) -> Connection? {
        handle?.pointee.data.map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func of(_ stream: UnsafeMutablePointer<uv_stream_t>?) -> Connection? {
        stream?.pointee.data.map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
    }

    private func connect() {
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        request.initialize(to: uv_connect_t())
        let status = remoteAddress.withSystemAddress(family: AF_INET6) { address, _ in
            uv_tcp_connect(request, tcp, address) { request, status in
                guard let request else { return }
                Connection.of(request.pointee.handle)?.connectReturned(status)
                request.deallocate()
            }
        }
        guard status != 0 else { return }
        request.deallocate()
        connectReturned(status ?? UV_EINVAL.rawValue)
    }

    private func connectReturned(_ status: Int32) {
        let error = status == 0 ? nil : SocketError(status: status, "cannot connect to \(remoteAddress)")
        let opened = opened.take()
        if let error { close(error) }
        opened?(error)
    }

    private func readReturned(_ count: Int) {
        if count > 0 {
            let bytes = UnsafeBufferPointer(rebasing: loop.handles.readBuffer[..<count])
            handler?.received(bytes.span)
        } else if count == Int(UV_EOF.rawValue) {
            state.endReading()
            uv_read_stop(base)
            handler?.receivedEnd()
            closeIfOver()
        } else if count < 0 {
            fail(Int32(truncatingIfNeeded: count))
        }
    }

    private func flushAtEnd() {
        guard !awaitsFlush, pending.isEmpty else { return }
        awaitsFlush = true
        loop.flushLater(self)
    }

    /// Writes queued bytes until the system takes no more.
    private func writeOut() {
        while state.isOpen, !outgoing.isEmpty, pending.isEmpty { writeOnce() }
    }

    /// Makes one system call with as many pieces as a call can take.
    ///
    /// If bytes are left over, libuv waits until the peer takes more.
    private func writeOnce() {
        let offered = outgoing.withPieces(loop.handles.pieces) { pieces, count in
            (count, uv_try_write(base, pieces.baseAddress, UInt32(pieces.count)))
        }
        let (count, status) = offered
        if status >= 0 {
            outgoing.removeFirst(Int(status))
            if Int(status) < count { writeWhenPossible() }
        } else if status == UV_EAGAIN.rawValue {
            writeWhenPossible()
        } else {
            fail(status)
        }
    }

    /// The number of bytes that libuv holds while the peer takes nothing.
    private static let pendingCapacity = 16 * 1024

    /// Gives libuv a copy of the next bytes.
    ///
    /// When libuv has written them, the peer takes bytes again.
    private func writeWhenPossible() {
        let count = min(outgoing.count, Self.pendingCapacity)
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
        outgoing.moveFirst(to: memory)
        pending = memory
        let status = memory.withMemoryRebound(to: CChar.self) { bytes in
            var piece = uv_buf_init(bytes.baseAddress, UInt32(bytes.count))
            return withUnsafeMutablePointer(to: &stream.pointee.write) { request in
                uv_write(request, base, &piece, 1) { request, status in
                    Connection.of(request?.pointee.handle)?.writeReturned(status)
                }
            }
        }
        guard status != 0 else { return }
        freePending()
        fail(status)
    }

    private func writeReturned(_ status: Int32) {
        freePending()
        guard state.isOpen else { return }
        guard status == 0 else { return fail(status) }
        if outgoing.isEmpty { progressed() } else { flush() }
    }

    private func freePending() {
        pending.deallocate()
        pending = UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    /// Called when bytes have been written.
    private func progressed() {
        guard state.isOpen else { return }
        let left = unwrittenBytes
        if left == 0, state.beginEnd() { shutDownWriting() }
        switch awaited {
        case .none: return
        case .whenEmpty: guard left == 0 else { return }
        case .whenLow: guard left <= Self.waterMark else { return }
        }
        awaited = left == 0 ? .none : .whenEmpty
        handler?.drained()
    }

    private func shutDownWriting() {
        let status = withUnsafeMutablePointer(to: &stream.pointee.shutdown) { request in
            uv_shutdown(request, base) { request, status in
                Connection.of(request?.pointee.handle)?.shutDownReturned(status)
            }
        }
        if status != 0 { shutDownReturned(status) }
    }

    /// Called when the sending direction is closed, or cannot be closed because the peer has gone.
    ///
    /// Bytes that the peer sent before that can still be read.
    private func shutDownReturned(_ status: Int32) {
        if status != 0 { endError = loss(status) }
        state.endWriting()
        closeIfOver()
    }

    private func closeIfOver() {
        if state.isOver { close(endError) }
    }

    private func fail(_ status: Int32) {
        close(loss(status))
    }

    private func loss(_ status: Int32) -> SocketError {
        SocketError(status: status, "the connection with \(remoteAddress) was lost")
    }

    private func close(_ reason: SocketError?) {
        guard state.close(reason) else { return }
        outgoing = OutgoingBytes()
        closeHandle()
    }

    private var descriptor: Int32? {
        var descriptor: Int32 = -1
        let handle = UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_handle_t.self)
        return uv_fileno(handle, &descriptor) == 0 ? descriptor : nil
    }

    private func resetOnClose() {
        guard let descriptor else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    private func closeHandle() {
        uv_close(UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            guard let owner = handle?.pointee.data else { return }
            Unmanaged<Connection>.fromOpaque(owner).takeRetainedValue().handleClosed()
        }
    }

    private func handleClosed() {
        stream.deallocate()
        loop.openHandles -= 1
        let handler = handler
        self.handler = nil
        acceptor?.connectionClosed()
        handler?.closed(state.error)
    }
}
