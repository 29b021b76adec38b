import CWippyLinux
import Glibc

/// A thread of our own, for what must not occupy Swift's shared pool: a loop, or calls of the system that block.
package enum SystemThread {
    /// The signals that do not reach a thread, beside those that do not reach the one which starts it.
    ///
    /// Threads and programs that it starts inherit that.
    package enum BlockedSignals {
        /// The one of a connection whose peer has gone, so that writing there is an error and not the end of the
        /// process: for a thread that runs other people's code, which may start programs.
        case brokenPipe
        /// All: for a thread that runs our own code only, and leaves the signals of the process to the others.
        case all
    }

    /// Starts a thread that runs `body` once and ends.
    ///
    /// - Parameter name: At most 15 bytes are shown by the system's tools.
    /// - Throws: If the system has no room for another thread.
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
        // The thread begins with the mask of the one that makes it.
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

    /// Has the calling thread never take the processor from the thread that wakes it.
    ///
    /// So, on few cores, one that hands over work goes on handing over until it waits.
    package static func useBatchScheduling() {
        var priority = sched_param()
        unsafe pthread_setschedparam(pthread_self(), batchScheduling, &priority)
    }

    /// How many cores this process may run on, as `taskset` and cpusets limit it; at least 1.
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

/// The system refuses another thread.
package struct SystemThreadError: Error {
    /// The system's number: `EAGAIN`.
    package let number: Int32
}

/// SCHED_BATCH, a macro that Swift does not import.
private let batchScheduling: CInt = 3

/// Where a thread begins.
private func systemThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument = unsafe argument {
        unsafe Unmanaged<SystemThread.Start>.fromOpaque(argument).takeRetainedValue().run()
    }
    return nil
}
