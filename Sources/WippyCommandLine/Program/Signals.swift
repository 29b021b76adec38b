import Glibc
import Synchronization
import WippyThreads

/// The signals that the program has taken over.
///
/// A handler writes each signal to a pipe. The signals are read from the pipe in order.
///
/// Nothing between the signal and the exit needs a new thread, which the system may refuse. Dispatch's signal sources
/// would need one, and would lose a signal that comes before they watch.
struct Signals: Sendable {
    /// The request that a signal stands for.
    enum Request {
        case stop
        case reload
    }

    /// The signals that stand for requests, each with its request.
    private static let meanings: [(number: Int32, request: Request)] = [
        (SIGTERM, .stop), (SIGINT, .stop), (SIGHUP, .reload),
    ]

    /// The numbers of the signals that stand for requests.
    static let requests = meanings.map(\.number)

    /// A descriptor that is readable while there is a signal to read.
    let descriptor: Int32

    /// True if the program had a terminal at its start.
    ///
    /// Then SIGHUP means that the terminal is gone.
    let hangsUp: Bool

    /// Takes over the signals that stand for requests.
    ///
    /// - Throws: ``Pipe/Failure`` when the pipe cannot be made.
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

    /// Returns the request of a signal.
    ///
    /// An unknown signal asks for a graceful stop. If there was a terminal, SIGHUP asks for one too.
    func request(of number: Int32) -> Request {
        if number == SIGHUP, hangsUp { return .stop }
        return Self.meanings.first { $0.number == number }?.request ?? .stop
    }

    /// Takes over signals.
    ///
    /// A signal that was ignored at the program's start, as with `nohup`, stays ignored.
    func take(_ numbers: [Int32]) {
        for number in numbers where !Self.isIgnored(number) || number == SIGCHLD {
            signal(number) { takeSignal($0) }
        }
    }

    /// Lets a SIGINT end the program at once with status 1, if it comes half a second or more after the first signal.
    ///
    /// The signal handler itself ends the program. So this does not depend on the program's threads.
    func endOnRepeat() {
        endsOnRepeat.store(true, ordering: .relaxed)
    }

    /// Returns true if the program was started with a signal ignored.
    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        unsafe sigaction(number, nil, &action)
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1  // SIG_IGN
    }

    /// Holds the signals back on the calling thread, or lets them come again.
    ///
    /// Started programs inherit this setting. The program that replaces this one inherits it too.
    static func setHeld(_ isHeld: Bool) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in requests { unsafe sigaddset(&set, number) }
        unsafe pthread_sigmask(isHeld ? SIG_BLOCK : SIG_UNBLOCK, &set, nil)
    }

    /// Returns the next signal; nil if none has come.
    func next() -> Int32? {
        var number: UInt8 = 0
        while true {
            let count = unsafe read(descriptor, &number, 1)
            if count < 0, errno == EINTR { continue }
            return count == 1 ? Int32(number) : nil
        }
    }

    /// Starts a thread, and calls `body` there for each signal until `body` returns false.
    ///
    /// - Throws: an error when the system refuses the thread.
    func onEach(_ body: @escaping @Sendable (Int32) -> Bool) throws {
        try SystemThread.start(name: "signals", blocking: .brokenPipe) {
            // The program may have been started with these signals held back.
            Self.setHeld(false)
            while true {
                var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&request, 1, -1)
                if let number = next(), !body(number) { return }
            }
        }
    }

    /// Returns the system's name for a signal.
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

// The handler is a C function and captures nothing. So it uses these global values.

/// The descriptor to which the handler writes.
private let signalInlet = Atomic<Int32>(-1)
/// The time of the first signal, in nanoseconds of the monotonic clock; 0 before it.
private let firstSignal = Atomic<UInt64>(0)
private let endsOnRepeat = Atomic<Bool>(false)
/// The signals that ask for a stop, as bits.
private let stopSignals = Atomic<UInt64>(0)

/// Handles a signal.
///
/// It calls only functions that POSIX allows in a handler.
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
