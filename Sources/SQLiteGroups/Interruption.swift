import CWippySQLite
import Glibc
import Synchronization

/// When a connection's running statement is to give up: SQLite asks between steps and while it waits for a lock.
///
/// Used by its connection's thread only, but for the flags that it reads.
final class Interruption {
    /// The call whose cancellation interrupts the statement; nil while a statement changes something.
    var call: Call?

    /// Until when to wait for another connection's lock.
    var busyDeadline: UInt64 = 0

    private let time: TimeSource
    private let halt: HaltFlag

    init(time: TimeSource, halt: HaltFlag) {
        self.time = time
        self.halt = halt
    }

    /// Registers itself with a connection, which has to live no longer.
    func attach(to connection: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_busy_handler(
            connection,
            { context, attempts in
                guard let context else { return 0 }
                let interruption = Unmanaged<Interruption>.fromOpaque(context).takeUnretainedValue()
                return interruption.waitForLock(attempts: attempts) ? 1 : 0
            }, context)
        sqlite3_progress_handler(
            connection, Self.instructionsBetweenChecks,
            { context in
                guard let context else { return 0 }
                let interruption = Unmanaged<Interruption>.fromOpaque(context).takeUnretainedValue()
                return interruption.isDemanded ? 1 : 0
            }, context)
    }

    /// Lets statements wait for locks from now on, for this many nanoseconds.
    func waitForLocks(atMost timeout: UInt64) {
        busyDeadline = time.now() + timeout
    }

    private var isDemanded: Bool { halt.isSet || call?.isCancelled == true }

    /// Sleeps a little, a bit longer at each attempt.
    ///
    /// A process that writes all the time lets go of the lock for some tens of microseconds between two commits: who
    /// looks seldom never finds it free.
    ///
    /// - Returns: Whether to try again.
    private func waitForLock(attempts: CInt) -> Bool {
        let now = time.now()
        guard now < busyDeadline, !isDemanded else { return false }
        let delay = min(UInt64(1 + attempts) * 100_000, 1_000_000, busyDeadline - now)
        usleep(UInt32(delay / 1000))
        return true
    }

    /// Some tens of microseconds.
    private static let instructionsBetweenChecks: CInt = 2000
}

/// Set once to stop what runs, from any thread.
final class HaltFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() {
        flag.store(true, ordering: .relaxed)
    }
}
