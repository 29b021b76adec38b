import CWippyUV
import WippyText

/// A timer on a loop, with one deadline that you can move.
///
/// Moving the deadline to a later time costs almost nothing. Call ``close()`` when you no longer need the timer.
/// Otherwise the shutdown of the loops closes it.
///
/// A loop that was held up reads its sockets before it fires a timer.
///
/// `@unchecked Sendable`: confined to its loop. Its methods check that they run there, most of them in debug builds
/// only.
public final class LoopTimer: @unchecked Sendable {
    /// The loop on which the timer fires.
    public let loop: EventLoop

    private let timer: UnsafeMutablePointer<uv_timer_t>
    private var fired: (() -> Void)?
    private var closed: (() -> Void)?
    private var deadline: UInt64?
    /// The time of libuv's next call, not later than the deadline.
    private var wakesAt: UInt64?

    /// Creates a timer without a deadline.
    ///
    /// Call it on the loop's thread.
    ///
    /// On a loop that has ended, the timer is closed from the beginning, and neither closure is called.
    ///
    /// - Parameters:
    ///   - loop: the loop of the timer.
    ///   - fired: called on the loop at each deadline that was neither moved nor cancelled. It may call any method of
    ///     the timer. The timer keeps it until ``close()``.
    ///   - closed: called on the loop when the timer has been closed, also by the shutdown of the loops. Default: nil.
    public init(on loop: EventLoop, fired: @escaping () -> Void, closed: (() -> Void)? = nil) {
        self.loop = loop
        self.fired = fired
        self.closed = closed
        timer = .allocate(capacity: 1)
        timer.initialize(to: uv_timer_t())
        loop.requireCurrent()
        guard !loop.hasEnded else {
            self.fired = nil
            return
        }
        uv_timer_init(loop.handles.loop, timer)
        loop.openHandles += 1
        timer.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// True if a deadline is set, and the timer has not fired for it yet.
    public var isScheduled: Bool {
        loop.assertCurrent()
        return deadline != nil
    }

    /// Sets the deadline, and replaces an earlier one.
    ///
    /// The call has no effect after ``close()``.
    ///
    /// - Parameter delay: the time from the loop's ``EventLoop/nowMilliseconds``, rounded up to milliseconds. Zero or
    ///   less counts as one millisecond. A longer time than 100 years counts as 100 years.
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
    /// Call it on the loop's thread. Without a deadline, it does nothing.
    public func cancel() {
        loop.assertCurrent()
        deadline = nil
    }

    /// Ends the timer: it does not fire again, and releases its closure `fired`.
    ///
    /// You can call it more than once.
    public func close() {
        loop.requireCurrent()
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

    /// Makes libuv call at a moment, but not before the next turn, because libuv runs timers until none is due.
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

    /// Called when the deadline has come and the sockets have been read.
    func fireIfDue() {
        // If the deadline was moved meanwhile, the timer will wake again.
        guard wakesAt == nil, deadline != nil else { return }
        deadline = nil
        fired?()
    }
}

extension Duration {
    /// The duration in whole milliseconds for a timer: rounded up, zero for a negative duration, and at most 100 years.
    public var milliseconds: UInt64 {
        UInt64(min(max(self, .zero), .century).wholeMilliseconds)
    }
}
