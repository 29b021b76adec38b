import Dispatch
import Glibc
import Synchronization

/// SIGINT and SIGTERM: the first asks for a graceful stop, the second ends the program at once with status 1.
///
/// A handler writes each signal's number to a pipe. Ignoring the signals and watching for them, as Dispatch does it,
/// loses one that comes before the watching has begun.
final class Signals {
    private let source: any DispatchSourceRead

    /// Takes over the two signals for as long as the process lives.
    ///
    /// - Parameter first: called on a thread of its own when the first signal comes, with the signal's name.
    /// - Throws: If no pipe can be made.
    init(onFirst first: @escaping @Sendable (String) -> Void) throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw BuildFailure("no pipe can be made (\(errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let outlet = ends[0]
        signalInlet.store(ends[1], ordering: .relaxed)
        let receiver = Receiver(first: first)
        source = DispatchSource.makeReadSource(fileDescriptor: outlet, queue: DispatchQueue(label: "signals"))
        source.setEventHandler {
            var number: UInt8 = 0
            guard unsafe read(outlet, &number, 1) == 1 else { return }
            receiver.receive(Int32(number) == SIGINT ? "SIGINT" : "SIGTERM")
        }
        source.resume()
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                let before = errno
                _ = unsafe write(signalInlet.load(ordering: .relaxed), &byte, 1)
                errno = before
            }
        }
    }

    private final class Receiver {
        private let first: @Sendable (String) -> Void
        private var hasReceived = false

        init(first: @escaping @Sendable (String) -> Void) {
            self.first = first
        }

        func receive(_ name: String) {
            guard hasReceived else {
                hasReceived = true
                return first(name)
            }
            Console.error("Error: \(name) again: ended at once")
            _exit(1)
        }
    }
}

/// Where the handler writes: it is C and captures nothing.
private let signalInlet = Atomic<Int32>(-1)
