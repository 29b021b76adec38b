import Glibc

/// SIGINT and SIGTERM: the first asks for a graceful stop, the second ends the program at once with status 1.
///
/// The two are blocked in every thread, and one thread waits for them: no code runs inside a signal handler.
struct Signals {
    /// Takes over the two signals for the rest of the program. Call it before other threads are made, which inherit the
    /// mask.
    ///
    /// - Parameter first: called on a thread of its own when the first signal comes, with the signal's name.
    static func onFirst(_ first: @escaping @Sendable (String) -> Void) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        let waiter = Waiter(signals: signals, first: first)
        var thread = pthread_t()
        unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Waiter>.fromOpaque(context).takeRetainedValue().wait()
                return nil
            }, Unmanaged.passRetained(waiter).toOpaque())
        pthread_detach(thread)
    }

    private final class Waiter {
        private var signals: sigset_t
        private let first: @Sendable (String) -> Void

        init(signals: sigset_t, first: @escaping @Sendable (String) -> Void) {
            self.signals = signals
            self.first = first
        }

        func wait() {
            first(Self.name(of: next()))
            let second = next()
            Console.error("Error: \(Self.name(of: second)) again: ended at once")
            _exit(1)
        }

        private func next() -> Int32 {
            var number: Int32 = 0
            while unsafe sigwait(&signals, &number) != 0 {}
            return number
        }

        private static func name(of signal: Int32) -> String { signal == SIGINT ? "SIGINT" : "SIGTERM" }
    }
}
