import WippyThreads

/// The threads of a group's loops.
final class LoopThreads: Sendable {
    private let running = WaitGroup()

    /// Runs a loop on a thread of its own.
    func start(_ loop: EventLoop) throws(SocketError) {
        running.enter()
        do throws(SystemThreadError) {
            try SystemThread.start(name: "loop-\(loop.index)", blocking: .brokenPipe) { [running] in
                loop.run()
                running.leave()
            }
        } catch {
            running.leave()
            throw SocketError(error)
        }
    }

    /// Returns when all loops have ended, or when the task is cancelled.
    func ended() async {
        await running.wait()
    }
}

extension SocketError {
    /// The error of a thread that cannot be started.
    init(_ error: SystemThreadError) {
        self.init(status: error.number, "cannot start a thread")
    }
}
