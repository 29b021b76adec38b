import CWippyLinux
package import Glibc
import WippySystem

/// The programs of a build: the Swift package manager, and all programs that it starts.
///
/// A signal that asks this program to end also ends them, even in the first process of a container.
package struct ChildPrograms {
    /// The error for a build that a signal has ended.
    struct Interruption: Error, CustomStringConvertible {
        let signal: Int32

        var description: String { "\(Signals.name(of: signal)) ended the build" }
        /// The exit status, as in a shell: 128 plus the signal's number.
        var exitStatus: Int32 { 128 + signal }
    }

    /// The time in nanoseconds after which programs that were told to end are killed.
    private static let grace: UInt64 = 2_000_000_000
    /// The longest time in nanoseconds to wait for killed programs.
    ///
    /// The kernel may keep a process that waits for a disk.
    private static let killing: UInt64 = 5_000_000_000

    private let signals: Signals

    init(_ signals: Signals) {
        self.signals = signals
        signals.take([SIGQUIT, SIGCHLD])
        // Orphaned descendants become children of this process, as if it were process 1. So they can be found. (Linux
        // only.)
        _ = adopt_orphans(1)
    }

    /// Runs a program with its output on standard error, and waits for its end.
    ///
    /// The program is found on the search path.
    ///
    /// - Returns: the exit status; 128 plus the signal's number if a signal ended the program.
    func run(_ arguments: [String]) throws -> Int32 {
        try wait(for: Self.spawn(arguments, output: STDERR_FILENO))
    }

    /// Runs a program, and returns its output.
    ///
    /// The program is found on the search path.
    func output(of arguments: [String]) throws -> String {
        let (outlet, inlet) = try Pipe.make(isBlocking: true)
        defer { close(outlet) }
        let id: pid_t
        do throws(CommandError) {
            id = try Self.spawn(arguments, output: inlet)
        } catch {
            close(inlet)
            throw error
        }
        close(inlet)
        var bytes: [UInt8] = []
        let status = try wait(for: id, reading: outlet) { bytes += $0 }
        guard status == 0 else { throw CommandError("'\(arguments.joined(separator: " "))' failed") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Replaces this program with another one.
    ///
    /// A signal that comes in the meantime goes to the other program.
    ///
    /// - Returns: the error, if the program could not be replaced.
    func replaceProgram(with path: String, _ arguments: [String]) -> any Error {
        Signals.setHeld(true)
        while let number = signals.next() {
            if number != SIGCHLD { return Interruption(signal: number) }
        }
        _ = adopt_orphans(0)
        unsafe withArgumentList([path] + arguments) { _ = unsafe execv(path, $0) }
        return CommandError("cannot run '\(path)': \(SystemError.words(for: errno))")
    }

    /// Starts a program, and returns its process id.
    ///
    /// The program is found on the search path.
    ///
    /// - Parameters:
    ///   - output: the descriptor for the program's standard output.
    ///   - errors: the descriptor for the program's standard error; nil for the standard error of this program.
    package static func spawn(
        _ arguments: [String], output: Int32, errors: Int32? = nil
    ) throws(CommandError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        if let errors { unsafe posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO) }
        // This thread may hold back signals that the program must get.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var id = pid_t()
        let code = unsafe withArgumentList(arguments) {
            unsafe posix_spawnp(&id, arguments[0], &actions, &attributes, $0, environ)
        }
        guard code == 0 else {
            let reason = SystemError.words(for: code)
            throw CommandError(
                "cannot start '\(arguments[0])': \(reason); check that it is on the search path (PATH)")
        }
        return id
    }

    /// Waits for a program's end, and passes on its output.
    ///
    /// A signal ends all programs.
    private func wait(
        for id: pid_t, reading output: Int32 = -1, _ take: (ArraySlice<UInt8>) -> Void = { _ in }
    ) throws -> Int32 {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var output = output
        while true {
            // The order matters. A program that ends after the check for signals causes another signal. When the end is
            // seen, all output from before it can be read.
            let stop = nextStop()
            let children = Children(reaping: id)
            while output >= 0 {
                let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(output, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { break }
                if count > 0 { take(buffer[..<count]) } else { output = -1 }
            }
            if let stop {
                endAll(with: id)
                throw Interruption(signal: stop)
            }
            if let status = children.status { return status }
            guard children.areLeft else { throw CommandError("cannot wait for the end of a program") }
            waitForEvent(output: output, atMost: -1)
        }
    }

    /// Tells all programs to end.
    ///
    /// After a while, or when another signal comes, the remaining programs are killed.
    ///
    /// - Parameter id: the program that this program has started itself.
    private func endAll(with id: pid_t) {
        var deadline = Self.now + Self.grace
        var kills = false
        signalAll(SIGTERM, with: id)
        while Children(reaping: nil).areLeft {
            let comesAgain = nextStop() != nil
            if !kills, comesAgain || Self.now >= deadline {
                kills = true
                deadline = Self.now + Self.killing
            }
            if kills {
                // This is repeated, because programs may have been started in the meantime.
                signalAll(SIGKILL, with: id)
                if Self.now >= deadline { return }
            }
            waitForEvent(output: -1, atMost: 20)
        }
    }

    /// Sends a signal to all programs.
    ///
    /// Without `/proc`, only the first program is known. But if this program is process 1, the signal reaches all
    /// processes.
    private func signalAll(_ signal: Int32, with id: pid_t) {
        let programs = Processes.descendants()
        for program in programs.isEmpty ? [getpid() == 1 ? -1 : id] : programs { kill(program, signal) }
    }

    /// Returns the next signal that asks for an end; nil if none has come.
    private func nextStop() -> Int32? {
        while let number = signals.next() {
            if number != SIGCHLD { return number }
        }
        return nil
    }

    /// Waits until a signal comes or there is output.
    ///
    /// Waits at most the given number of milliseconds; -1 for no limit.
    private func waitForEvent(output: Int32, atMost milliseconds: Int32) {
        var requests: InlineArray<2, pollfd> = [
            pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        ]
        var span = requests.mutableSpan
        _ = unsafe span.withUnsafeMutableBufferPointer { unsafe poll($0.baseAddress, 2, milliseconds) }
    }

    private static var now: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The state of this program's children, as far as it is known without waiting.
private struct Children {
    /// The exit status of the child with the given id; nil while the child runs.
    ///
    /// If a signal ended the child, it is 128 plus the signal's number.
    private(set) var status: Int32?
    /// True if any child is left.
    private(set) var areLeft = true

    /// Collects all children that have ended.
    init(reaping id: pid_t?) {
        while true {
            var raw: Int32 = 0
            let ended = unsafe waitpid(-1, &raw, WNOHANG)
            if ended < 0, errno == EINTR { continue }
            if ended < 0 { areLeft = false }
            guard ended > 0 else { return }
            let signal = raw & 0x7f
            if ended == id { status = signal == 0 ? (raw >> 8) & 0xff : 128 + signal }
        }
    }
}
