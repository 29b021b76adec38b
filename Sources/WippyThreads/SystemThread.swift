import CWippyLinux
import Glibc

/// A thread for work that must not occupy Swift's shared pool, such as a loop or system calls that block.
package enum SystemThread {
    /// The signals that are blocked on a new thread, in addition to those that its starter blocks.
    ///
    /// Threads and programs that the new thread starts inherit them.
    package enum BlockedSignals {
        /// The signal of a connection whose peer has gone, so that writing to it is an error and does not end the
        /// process.
        case brokenPipe
        /// All signals, so that other threads handle them.
        case all
    }

    /// Starts a thread that runs `body` once and ends.
    ///
    /// - Parameters:
    ///   - name: the thread's name, of which the system's tools show at most 15 bytes.
    ///   - signals: the signals that are blocked on the thread.
    ///   - body: runs on the new thread.
    /// - Throws: `SystemThreadError` if the system refuses another thread.
    package static func start(
        name: String, blocking signals: BlockedSignals, _ body: @escaping @Sendable () -> Void
    ) throws(SystemThreadError) {
        var blocked = sigset_t()
        switch signals {
        case .brokenPipe:
            unsafe sigemptyset(&blocked)
            unsafe sigaddset(&blocked, SIGPIPE)
        case .all: unsafe sigfillset(&blocked)
        }
        // A thread begins with the signal mask of the thread that creates it.
        var previous = sigset_t()
        unsafe pthread_sigmask(SIG_BLOCK, &blocked, &previous)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let status = unsafe pthread_create(&thread, nil, systemThreadMain, start.toOpaque())
        guard status == 0 else {
            unsafe start.release()
            throw SystemThreadError(number: status)
        }
        pthread_detach(thread)
    }

    /// Asks the system not to take the processor from the thread that wakes the calling thread.
    package static func useBatchScheduling() {
        var priority = sched_param()
        unsafe pthread_setschedparam(pthread_self(), batchScheduling, &priority)
    }

    /// The number of cores on which this process may run; at least 1.
    ///
    /// `taskset` and cpusets can limit it.
    package static var availableCores: Int {
        var cores = [UInt64](repeating: 0, count: 64)
        guard unsafe sched_getaffinity(0, UInt(cores.count * 8), &cores) == 0 else { return 1 }
        return cores.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    fileprivate final class Start: Sendable {
        private let name: String
        private let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            _ = unsafe name_thread(name)
            body()
        }
    }
}

/// The error of a thread that cannot be started.
package struct SystemThreadError: Error {
    /// The system's error number, such as `EAGAIN`.
    package let number: Int32
}

/// SCHED_BATCH, a macro that Swift does not import.
private let batchScheduling: CInt = 3

/// The function with which a thread begins.
private func systemThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument = unsafe argument {
        unsafe Unmanaged<SystemThread.Start>.fromOpaque(argument).takeRetainedValue().run()
    }
    return nil
}
