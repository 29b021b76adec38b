import CWippyUV

/// Watches a descriptor on a loop, such as the socket of a client library in C.
///
/// The descriptor belongs to you: you read it, write it and close it. The watch tells you when you can read or write
/// without a wait.
///
/// ```swift
/// let watch = try DescriptorWatch(PQsocket(database), on: loop) { _ in
///     guard PQconsumeInput(database) == 1 else { return fail() }
///     takeResults()
/// }
/// try watch.wait(for: .readable)
/// ```
///
/// Only one watch of a descriptor can report events on a loop at a time. Call ``close()`` before you close the
/// descriptor. If you close the descriptor first, the watch reports nothing more, and another socket that gets the same
/// number may fail on this loop. If a library replaces its socket, close the watch and create another one.
///
/// `@unchecked Sendable`: confined to its loop. Its methods check that they run there.
public final class DescriptorWatch: @unchecked Sendable {
    /// What a descriptor can be ready for.
    public struct Events: OptionSet, Sendable, Hashable {
        /// The bits of the set: 1 for ``readable``, 2 for ``writable``.
        public let rawValue: Int32

        /// Creates a set from its bits.
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        /// A read does not wait: there are bytes, the stream has ended, or a listening socket has a client.
        public static let readable = Events(rawValue: Int32(UV_READABLE.rawValue))
        /// A write does not wait, or the connection of a socket is made.
        public static let writable = Events(rawValue: Int32(UV_WRITABLE.rawValue))
    }

    /// The loop on which the watch reports events.
    public let loop: EventLoop

    /// The watched descriptor.
    public let descriptor: Int32

    private let poll: UnsafeMutablePointer<uv_poll_t>
    private var events: Events = []
    private var ready: ((Events) -> Void)?
    private var closed: (() -> Void)?

    /// Creates a watch that reports nothing until ``wait(for:)`` is called.
    ///
    /// Call it on the loop's thread. From then on, reads and writes of the descriptor do not block.
    ///
    /// - Parameters:
    ///   - descriptor: an open socket, pipe, terminal or other descriptor that the kernel can poll. Files and folders
    ///     are always ready and cannot be watched.
    ///   - loop: the loop on which the watch reports events.
    ///   - ready: called on the loop, again and again, as long as the descriptor is ready for an awaited event. It gets
    ///     the awaited events that have come. If the descriptor has an error, it counts as ready for every awaited
    ///     event: your next read or write gets the error. The closure may call any method of the watch. The watch
    ///     keeps it until ``close()``.
    ///   - closed: called on the loop when the watch has been closed, also by the shutdown of the loops. Default: nil.
    /// - Throws: `SocketError` with the code `shutDown` when the loop ends or has ended; with the code
    ///   `permissionDenied` for a file or a folder; with another code when the descriptor is not open, when another
    ///   watch of it reports events on this loop, or when it cannot be watched for lack of resources.
    public init(
        _ descriptor: Int32, on loop: EventLoop, ready: @escaping (Events) -> Void, closed: (() -> Void)? = nil
    ) throws(SocketError) {
        self.loop = loop
        self.descriptor = descriptor
        poll = .allocate(capacity: 1)
        poll.initialize(to: uv_poll_t())
        loop.requireCurrent()
        guard !loop.hasEnded, !loop.isEnding else { throw .loopsShutDown }
        let status = uv_poll_init(loop.handles.loop, poll, descriptor)
        guard status == 0 else { throw Self.error(status, descriptor) }
        loop.openHandles += 1
        poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
        self.ready = ready
        self.closed = closed
    }

    deinit {
        poll.deallocate()
    }

    /// Begins to report these events, in place of the events of an earlier call.
    ///
    /// Call it on the loop's thread. It has no effect after ``close()``.
    ///
    /// - Parameter events: what to report. If the set is empty, the watch reports nothing until the next call.
    /// - Throws: `SocketError` when another watch of the descriptor reports events on this loop.
    public func wait(for events: Events) throws(SocketError) {
        loop.requireCurrent()
        guard ready != nil else { return }
        let status = uv_poll_start(poll, events.rawValue) { poll, status, events in
            guard let owner = poll?.pointee.data else { return }
            Unmanaged<DescriptorWatch>.fromOpaque(owner).takeUnretainedValue().received(events, status: status)
        }
        guard status == 0 else { throw Self.error(status, descriptor) }
        self.events = events
    }

    /// Reports nothing more until the next ``wait(for:)``.
    ///
    /// Call it on the loop's thread. You can call it at any time.
    public func stop() {
        loop.requireCurrent()
        guard ready != nil else { return }
        events = []
        uv_poll_stop(poll)
    }

    /// Ends the watch and releases its closure `ready`.
    ///
    /// Call it on the loop's thread. You can call it more than once. After it you may close the descriptor at once.
    public func close() {
        loop.requireCurrent()
        guard ready != nil else { return }
        ready = nil
        uv_close(UnsafeMutableRawPointer(poll).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            guard let owner = handle?.pointee.data else { return }
            Unmanaged<DescriptorWatch>.fromOpaque(owner).takeRetainedValue().handleClosed()
        }
    }

    private func handleClosed() {
        loop.openHandles -= 1
        closed?()
        closed = nil
    }

    private func received(_ received: Int32, status: Int32) {
        guard let ready else { return }
        guard status < 0 else { return ready(Events(rawValue: received)) }
        // libuv stops after an error of the descriptor, whatever the error is.
        let awaited = events
        try? wait(for: awaited)
        ready(awaited)
    }

    private static func error(_ status: Int32, _ descriptor: Int32) -> SocketError {
        SocketError(status: status, "cannot watch the descriptor \(descriptor)")
    }
}
