import Dispatch
import Glibc

/// SIGINT and SIGTERM: the first asks for a graceful stop, the second ends the program at once with status 1.
final class Signals {
    private let sources: [any DispatchSourceSignal]

    /// Takes over the two signals for as long as the object lives.
    ///
    /// - Parameter first: called on a thread of its own when the first signal comes, with the signal's name.
    init(onFirst first: @escaping @Sendable (String) -> Void) {
        // Both sources call back on this queue, one at a time.
        let queue = DispatchQueue(label: "signals")
        let receiver = Receiver(first: first)
        sources = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")].map { number, name in
            // Dispatch sees a signal only if its own action does not end the program.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { receiver.receive(name) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
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
