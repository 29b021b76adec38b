import Glibc
import Synchronization
import WippyThreads

/// Signals, taken over for as long as the process lives: a handler writes each to a pipe, from which they are read in
/// the order in which they came.
///
/// Nothing from the signal to the exit needs a new thread, which the system may refuse. Dispatch's watching does, and
/// loses a signal that comes before the watching has begun.
struct Signals: Sendable {
    /// What a signal asks of the program.
    enum Request {
        case stop
        case reload
    }

    /// Those by which something is asked of the program, and what.
    private static let meanings: [(number: Int32, request: Request)] = [
        (SIGTERM, .stop), (SIGINT, .stop), (SIGHUP, .reload),
    ]

    /// Those by which something is asked of the program.
    static let requests = meanings.map(\.number)

    /// Readable while there is a signal to be read.
    let descriptor: Int32

    /// Whether the program had a terminal when it started, whose end SIGHUP tells.
    let hangsUp: Bool

    /// Takes over those by which something is asked of the program.
    ///
    /// - Throws: if no pipe can be made.
    init() throws(Pipe.Failure) {
        let (outlet, inlet) = try Pipe.make(isBlocking: false)
        descriptor = outlet
        let terminal = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        hangsUp = terminal >= 0
        if hangsUp { close(terminal) }
        var stops: UInt64 = 0
        for number in Self.requests where request(of: number) == .stop { stops |= 1 << UInt64(number) }
        stopSignals.store(stops, ordering: .relaxed)
        signalInlet.store(inlet, ordering: .relaxed)
        firstSignal.store(0, ordering: .relaxed)
        endsOnRepeat.store(false, ordering: .relaxed)
        take(Self.requests)
    }

    /// What a signal asks; SIGHUP where there was a terminal, and any that nothing is known of, a graceful stop.
    func request(of number: Int32) -> Request {
        if number == SIGHUP, hangsUp { return .stop }
        return Self.meanings.first { $0.number == number }?.request ?? .stop
    }

    /// Takes over signals; one that was ignored when the program started, as `nohup` does it, stays ignored.
    func take(_ numbers: [Int32]) {
        for number in numbers where !Self.isIgnored(number) || number == SIGCHLD {
            signal(number) { takeSignal($0) }
        }
    }

    /// Has a SIGINT end the program at once with status 1 if it comes half a second or more after the first signal.
    ///
    /// The handler does that itself, whatever the program's threads do.
    func endOnRepeat() {
        endsOnRepeat.store(true, ordering: .relaxed)
    }

    /// Whether the program was started with a signal ignored.
    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        unsafe sigaction(number, nil, &action)
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1  // SIG_IGN
    }

    /// Has the signals wait, or come again, as far as the calling thread is concerned; programs that it starts, and the
    /// one that it becomes, inherit that.
    static func setHeld(_ isHeld: Bool) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in requests { unsafe sigaddset(&set, number) }
        unsafe pthread_sigmask(isHeld ? SIG_BLOCK : SIG_UNBLOCK, &set, nil)
    }

    /// The next signal that has come, if any.
    func next() -> Int32? {
        var number: UInt8 = 0
        while true {
            let count = unsafe read(descriptor, &number, 1)
            if count < 0, errno == EINTR { continue }
            return count == 1 ? Int32(number) : nil
        }
    }

    /// Calls `body` on a thread of its own, which exists from now on, for each signal until it returns false.
    ///
    /// - Throws: If the system refuses the thread.
    func onEach(_ body: @escaping @Sendable (Int32) -> Bool) throws {
        try SystemThread.start(name: "signals", blocking: .brokenPipe) {
            // The program may have been started with them held.
            Self.setHeld(false)
            while true {
                var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&request, 1, -1)
                if let number = next(), !body(number) { return }
            }
        }
    }

    /// What the system calls a signal.
    static func name(of number: Int32) -> String {
        switch number {
        case SIGINT: "SIGINT"
        case SIGTERM: "SIGTERM"
        case SIGHUP: "SIGHUP"
        case SIGQUIT: "SIGQUIT"
        default: "signal \(number)"
        }
    }
}

// The handler is C and captures nothing, so what it uses stands here.

/// Where it writes.
private let signalInlet = Atomic<Int32>(-1)
/// When the first signal came, in nanoseconds of the monotonic clock; 0 before.
private let firstSignal = Atomic<UInt64>(0)
private let endsOnRepeat = Atomic<Bool>(false)
/// The signals that ask for a stop: a bit for each.
private let stopSignals = Atomic<UInt64>(0)

/// Only what POSIX allows inside a handler.
private func takeSignal(_ number: Int32) {
    let before = errno
    defer { errno = before }
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    let now = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    var byte = UInt8(truncatingIfNeeded: number)
    if stopSignals.load(ordering: .relaxed) & (1 << UInt64(number)) != 0 {
        let (isFirst, first) = firstSignal.compareExchange(expected: 0, desired: now, ordering: .relaxed)
        if !isFirst, number == SIGINT, now - first >= 500_000_000, endsOnRepeat.load(ordering: .relaxed) {
            endAtOnce()
        }
    }
    _ = unsafe write(signalInlet.load(ordering: .relaxed), &byte, 1)
}

private func endAtOnce() -> Never {
    let line: StaticString = "Error: a second SIGINT ended the program at once\n"
    var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    if unsafe poll(&request, 1, 0) == 1 {
        _ = unsafe write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
    }
    _exit(1)
}
