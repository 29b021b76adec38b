import CWippyUV

/// The libuv side of one loop: its own four handles, and the memory that its connections share.
///
/// It is not `Sendable`: an `EventLoop` owns it and decides which thread may use it.
final class LoopHandles {
    /// The largest number of bytes in one read.
    static let readCapacity = 64 * 1024
    /// The largest number of pieces that one system call writes.
    static let piecesPerWrite = 64

    let loop: UnsafeMutablePointer<uv_loop_t>
    private let wakeUp: UnsafeMutablePointer<uv_async_t>
    private let beforePoll: UnsafeMutablePointer<uv_prepare_t>
    private let afterPoll: UnsafeMutablePointer<uv_check_t>
    private let spin: UnsafeMutablePointer<uv_idle_t>

    /// The buffer into which every connection of the loop reads.
    let readBuffer: UnsafeMutableBufferPointer<UInt8>
    /// The list of pieces that a connection of the loop writes.
    let pieces: UnsafeMutableBufferPointer<uv_buf_t>

    init() throws(SocketError) {
        // The calls that can fail come first, because a class that throws after its last property is set is
        // deinitialised.
        (loop, wakeUp) = try Self.makeLoop()
        beforePoll = .allocate(capacity: 1)
        beforePoll.initialize(to: uv_prepare_t())
        uv_prepare_init(loop, beforePoll)
        afterPoll = .allocate(capacity: 1)
        afterPoll.initialize(to: uv_check_t())
        uv_check_init(loop, afterPoll)
        spin = .allocate(capacity: 1)
        spin.initialize(to: uv_idle_t())
        uv_idle_init(loop, spin)
        readBuffer = .allocate(capacity: Self.readCapacity)
        readBuffer.initialize(repeating: 0)
        pieces = .allocate(capacity: Self.piecesPerWrite)
        pieces.initialize(repeating: uv_buf_t())
    }

    private static func makeLoop() throws(SocketError) -> (
        UnsafeMutablePointer<uv_loop_t>, UnsafeMutablePointer<uv_async_t>
    ) {
        let loop = UnsafeMutablePointer<uv_loop_t>.allocate(capacity: 1)
        let wakeUp = UnsafeMutablePointer<uv_async_t>.allocate(capacity: 1)
        loop.initialize(to: uv_loop_t())
        wakeUp.initialize(to: uv_async_t())
        var status = uv_loop_init(loop)
        if status == 0 {
            status = uv_async_init(loop, wakeUp) { EventLoop.of($0)?.wakeUpReceived() }
            if status == 0 { return (loop, wakeUp) }
            uv_loop_close(loop)
        }
        loop.deallocate()
        wakeUp.deallocate()
        throw SocketError(status: status, "cannot make an event loop")
    }

    deinit {
        // No thread can signal any more, because a signal needs a reference. The loop's thread has ended, or never
        // began.
        close(wakeUp)
        close(beforePoll)
        close(afterPoll)
        close(spin)
        uv_run(loop, UV_RUN_DEFAULT)
        uv_loop_close(loop)
        loop.deallocate()
        wakeUp.deallocate()
        beforePoll.deallocate()
        afterPoll.deallocate()
        spin.deallocate()
        readBuffer.deallocate()
        pieces.deallocate()
    }

    /// Makes the handles call `owner`.
    ///
    /// The owner holds this object, so it lives longer.
    func attach(_ owner: EventLoop) {
        loop.pointee.data = Unmanaged.passUnretained(owner).toOpaque()
        uv_prepare_start(beforePoll) { EventLoop.of($0)?.pollIsNext() }
        uv_check_start(afterPoll) { EventLoop.of($0)?.pollReturned() }
    }

    /// Makes the loop look at the work from other threads.
    ///
    /// You can call it from any thread.
    func signal() {
        uv_async_send(wakeUp)
    }

    /// True if the next poll may wait for an event.
    ///
    /// While an idle handle is active, libuv polls without waiting.
    var mayWait = true {
        didSet {
            guard mayWait != oldValue else { return }
            if mayWait {
                uv_idle_stop(spin)
            } else {
                uv_idle_start(spin) { _ in }
            }
        }
    }

    /// Closes every connection, timer, watched descriptor and watched folder of the loop.
    func closeAll() {
        var found: [UnsafeMutablePointer<uv_handle_t>] = []
        withUnsafeMutablePointer(to: &found) { list in
            uv_walk(
                loop,
                { handle, list in
                    guard let handle, handle.pointee.data != nil, uv_is_closing(handle) == 0 else { return }
                    list?.assumingMemoryBound(to: [UnsafeMutablePointer<uv_handle_t>].self).pointee.append(handle)
                }, list)
        }
        for handle in found where uv_is_closing(handle) == 0 {
            guard let owner = handle.pointee.data else { continue }
            switch handle.pointee.type {
            case UV_TCP: Unmanaged<Connection>.fromOpaque(owner).takeUnretainedValue().closeForShutdown()
            case UV_POLL: Unmanaged<DescriptorWatch>.fromOpaque(owner).takeUnretainedValue().close()
            case UV_FS_EVENT: Unmanaged<FolderHandle>.fromOpaque(owner).takeUnretainedValue().close()
            default: Unmanaged<LoopTimer>.fromOpaque(owner).takeUnretainedValue().close()
            }
        }
    }

    private func close<Handle>(_ handle: UnsafeMutablePointer<Handle>) {
        uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self), nil)
    }
}

extension EventLoop {
    /// The loop of one of its handles.
    fileprivate static func of<Handle>(_ handle: UnsafeMutablePointer<Handle>?) -> EventLoop? {
        guard let handle else { return nil }
        let base = UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
        guard let owner = base.pointee.loop.pointee.data else { return nil }
        return Unmanaged<EventLoop>.fromOpaque(owner).takeUnretainedValue()
    }
}
