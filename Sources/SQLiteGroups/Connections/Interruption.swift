import CWippySQLite
import Glibc
import Synchronization

/// Decides when a connection's running statement has to give up.
///
/// SQLite asks between its steps, and while it waits for a lock.
///
/// Only the thread of its connection uses it. Any thread may set the flags that it reads.
final class Interruption {
    /// The call whose cancellation interrupts the statement; nil while a statement changes something.
    var call: Call?

    /// The call whose cancellation ends a wait for another connection's lock.
    var waitingCall: Call?

    /// The time until which a statement waits for another connection's lock.
    var busyDeadline: UInt64 = 0

    private let time: TimeSource
    private let halt: HaltFlag

    init(time: TimeSource, halt: HaltFlag) {
        self.time = time
        self.halt = halt
    }

    /// Registers itself with a connection.
    ///
    /// The connection must not live longer than this object.
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

    /// Limits the time that statements wait for locks, counted from now, in nanoseconds.
    func waitForLocks(atMost timeout: UInt64) {
        busyDeadline = time.now() + timeout
    }

    private var isDemanded: Bool { halt.isSet || call?.isCancelled == true }

    /// Sleeps for a short time, which is longer at each attempt.
    ///
    /// A process that writes all the time releases the lock for some tens of microseconds between two commits. A
    /// connection that rarely tries never finds the lock free.
    ///
    /// - Returns: true to try again.
    private func waitForLock(attempts: CInt) -> Bool {
        let now = time.now()
        guard now < busyDeadline, !isDemanded, waitingCall?.isCancelled != true else { return false }
        let delay = min(UInt64(1 + attempts) * 100_000, 1_000_000, busyDeadline - now)
        usleep(UInt32(delay / 1000))
        return true
    }

    /// The number of SQLite's instructions between two checks, which take some tens of microseconds.
    private static let instructionsBetweenChecks: CInt = 2000
}

/// A flag that any thread sets once to stop running statements.
final class HaltFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() {
        flag.store(true, ordering: .relaxed)
    }
}
