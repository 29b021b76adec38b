import CWippyUV
import Glibc

/// A thread of our own, for what must not occupy Swift's shared pool: a loop, or a system call that blocks.
package struct SystemThread {
    private let id: pthread_t

    /// Starts a thread that runs `body` once.
    ///
    /// SIGPIPE is blocked on it, so that writing to a connection that the peer has closed is an error and not the end
    /// of the process. (The mask is inherited by threads and programs that the body starts.)
    ///
    /// - Parameter name: At most 15 bytes are shown by the system's tools.
    /// - Throws: If the system has no room for another thread.
    package init(name: String, _ body: @escaping @Sendable () -> Void) throws(SocketError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var id = pthread_t()
        let status = pthread_create(
            &id, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                start.run()
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw SocketError(status: status, "cannot start a thread")
        }
        self.id = id
    }

    /// Lets the thread end by itself.
    ///
    /// Call it once.
    package func detach() {
        pthread_detach(id)
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            pthread_setname_np(pthread_self(), String(name.prefix(15)))
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            body()
        }
    }
}
