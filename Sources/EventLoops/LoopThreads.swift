import WippyThreads

/// The threads of a group's loops, and who waits for their end.
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

    /// Returns when all loops have ended, or the task is cancelled.
    func ended() async {
        await running.wait()
    }
}

extension SocketError {
    /// There is no thread for what is to be done.
    init(_ error: SystemThreadError) {
        self.init(status: error.number, "cannot start a thread")
    }
}
