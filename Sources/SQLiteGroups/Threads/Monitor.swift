import Glibc
import WippyText

/// A state behind a mutex, with threads that sleep until it changes.
///
/// It is `Sendable` because the state is used only under the mutex.
final class Monitor<State>: @unchecked Sendable {
    /// The result of one look at the state.
    enum Finding<Result> {
        case found(Result)
        /// The thread looks again when it is woken, or at a time of the `TimeSource`.
        case nothing(until: UInt64?)
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let time: TimeSource
    private var state: State

    init(_ state: sending State, time: TimeSource) {
        self.state = state
        self.time = time
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Blocks the thread until `look` finds something.
    ///
    /// `look` is called under the lock, now and after each wake-up.
    func wait<Result>(_ look: (inout State) -> Finding<Result>) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            switch look(&state) {
            case .found(let result):
                return result
            case .nothing(let deadline?) where time.isReal:
                var until = timespec(
                    tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
                pthread_cond_timedwait(condition, mutex, &until)
            case .nothing:
                pthread_cond_wait(condition, mutex)
            }
        }
    }

    /// Wakes one waiting thread.
    func wakeOne() {
        pthread_cond_signal(condition)
    }

    /// Wakes all waiting threads.
    func wakeAll() {
        pthread_cond_broadcast(condition)
    }
}

/// A clock by which threads can wait: the system's monotonic clock, or a clock that a test moves.
struct TimeSource: Sendable {
    /// The nanoseconds since an arbitrary moment in the past.
    let now: @Sendable () -> UInt64

    /// True if time passes by itself.
    ///
    /// If it is false, the test that moves the clock must wake the waiting threads.
    let isReal: Bool

    static let system = TimeSource(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        }, isReal: true)
}

extension Duration {
    /// The duration in nanoseconds, at least 0 and at most three centuries.
    var nanoseconds: UInt64 { UInt64(max(wholeNanoseconds, 0)) }
}
