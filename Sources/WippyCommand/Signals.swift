import Dispatch
import Glibc
import Synchronization

/// SIGINT and SIGTERM: the first asks for a graceful stop, the second ends the program at once with status 1.
final class Signals: Sendable {
    private let sources: Mutex<[any DispatchSourceSignal]> = Mutex([])
    private let count = Atomic(0)

    /// Takes over the two signals for as long as the object lives.
    ///
    /// - Parameter first: called on a thread of its own when the first signal comes, with the signal's name.
    init(onFirst first: @escaping @Sendable (String) -> Void) {
        let queue = DispatchQueue(label: "signals")
        for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")] {
            // Dispatch sees a signal only if its own action does not end the program.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [weak self] in self?.receive(name, first) }
            source.resume()
            sources.withLock { $0.append(source) }
        }
    }

    private func receive(_ name: String, _ first: @Sendable (String) -> Void) {
        if count.add(1, ordering: .relaxed).oldValue == 0 {
            first(name)
        } else {
            Console.error("Error: \(name) again: ended at once")
            _exit(1)
        }
    }
}
