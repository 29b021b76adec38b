import CWippyUV

/// A deadline on a loop, which you can move.
///
/// Moving it later costs nothing: the timer fires at the old time, sees that it is early, and goes on waiting. So you
/// can move a time-out with every request. Call `close()` when you are done with the timer. The loops' `shutDown`
/// closes the rest.
///
/// A loop that was held up looks at its sockets before it fires a timer, so that a client whose bytes have arrived is
/// not late.
///
/// `@unchecked Sendable`: confined to its loop; every method asserts that it runs there.
public final class LoopTimer: @unchecked Sendable {
    /// The loop on which the timer fires.
    public let loop: EventLoop

    private let timer: UnsafeMutablePointer<uv_timer_t>
    private var fired: (() -> Void)?
    private var closed: (() -> Void)?
    private var deadline: UInt64?
    /// When libuv calls next, no later than the deadline.
    private var wakesAt: UInt64?

    /// Creates a timer without a deadline.
    ///
    /// Call it on the loop's thread.
    ///
    /// On a loop that has ended, it is closed from the beginning.
    ///
    /// - Parameters:
    ///   - loop: The loop on which it calls.
    ///   - fired: Called on the loop at each deadline that was neither moved nor cancelled. It may call any method of
    ///     the timer. It is kept until `close()`.
    ///   - closed: Called on the loop once the timer has ended, also by the loops' `shutDown`.
    public init(on loop: EventLoop, fired: @escaping () -> Void, closed: (() -> Void)? = nil) {
        self.loop = loop
        self.fired = fired
        self.closed = closed
        timer = .allocate(capacity: 1)
        timer.initialize(to: uv_timer_t())
        loop.assertCurrent()
        guard !loop.hasEnded else {
            self.fired = nil
            return
        }
        uv_timer_init(loop.handles.loop, timer)
        loop.openHandles += 1
        timer.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Whether a deadline is set and has not passed.
    public var isScheduled: Bool {
        loop.assertCurrent()
        return deadline != nil
    }

    /// Sets the deadline, and replaces the one before.
    ///
    /// - Parameter delay: From the loop's `nowMilliseconds`, rounded up to milliseconds. Zero or less means the next
    ///   turn; the most is 100 years. It has no effect after `close()`.
    public func schedule(after delay: Duration) {
        loop.assertCurrent()
        guard fired != nil else { return }
        let now = uv_now(loop.handles.loop)
        let deadline = now + delay.milliseconds
        self.deadline = deadline
        if let wakesAt, wakesAt <= deadline { return }
        wake(at: deadline, now: now)
    }

    /// Removes the deadline.
    ///
    /// You can call this at any time.
    public func cancel() {
        loop.assertCurrent()
        deadline = nil
    }

    /// Ends the timer.
    ///
    /// It never fires again, and releases its closure.
    ///
    /// You can call this twice.
    public func close() {
        loop.assertCurrent()
        guard fired != nil else { return }
        fired = nil
        deadline = nil
        uv_close(UnsafeMutableRawPointer(timer).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            guard let owner = handle?.pointee.data else { return }
            Unmanaged<LoopTimer>.fromOpaque(owner).takeRetainedValue().handleClosed()
        }
    }

    deinit {
        timer.deallocate()
    }

    private func handleClosed() {
        loop.openHandles -= 1
        closed?()
        closed = nil
    }

    /// Has libuv call at a moment, in the next turn at the earliest: it runs timers until none is due.
    private func wake(at moment: UInt64, now: UInt64) {
        wakesAt = moment
        uv_timer_start(
            timer,
            { timer in
                guard let owner = timer?.pointee.data else { return }
                Unmanaged<LoopTimer>.fromOpaque(owner).takeUnretainedValue().woke()
            }, max(moment - now, 1), 0)
    }

    private func woke() {
        wakesAt = nil
        guard let deadline else { return }
        let now = uv_now(loop.handles.loop)
        guard deadline <= now else { return wake(at: deadline, now: now) }
        loop.fireAfterPoll(self)
    }

    /// The deadline came, and what the sockets had to say was heard first.
    func fireIfDue() {
        // Who has moved it meanwhile has it woken again.
        guard wakesAt == nil, deadline != nil else { return }
        deadline = nil
        fired?()
    }
}

extension Duration {
    /// Whole milliseconds for a timer: rounded up, zero for a negative duration, and at most a hundred years.
    public var milliseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(min(seconds, 100 * 365 * 86_400)) * 1000
            + UInt64((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
