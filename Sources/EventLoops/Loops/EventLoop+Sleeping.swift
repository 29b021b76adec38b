import CWippyUV

extension EventLoop {
    /// Suspends the task for `duration`, rounded up to milliseconds.
    ///
    /// The loop's clock counts whole milliseconds, so the time can be up to two milliseconds shorter.
    ///
    /// You can call it from any task.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first; `SocketError` with the code `shutDown` when the
    ///   loop ends first.
    public func sleep(for duration: Duration) async throws {
        let sleep = Sleep()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if !execute({ sleep.begin(for: duration, on: self, continuation) }) {
                    continuation.resume(throwing: SocketError.loopsShutDown)
                }
            }
        } onCancel: {
            execute { sleep.cancel() }
        }
    }
}

/// One sleep of a task.
///
/// `@unchecked Sendable`: confined to its loop.
private final class Sleep: @unchecked Sendable {
    private var timer: LoopTimer?
    private var outcome: Result<Void, any Error> = .failure(SocketError.loopsShutDown)
    private var isCancelled = false

    func begin(
        for duration: Duration, on loop: EventLoop, _ continuation: CheckedContinuation<Void, any Error>
    ) {
        guard !isCancelled else { return continuation.resume(throwing: CancellationError()) }
        guard !loop.hasEnded else { return continuation.resume(with: outcome) }
        let timer = LoopTimer(
            on: loop, fired: { self.end(.success(())) }, closed: { continuation.resume(with: self.outcome) })
        self.timer = timer
        // The turn, whose time a timer counts from, may have begun long ago.
        uv_update_time(loop.handles.loop)
        timer.schedule(after: duration)
    }

    func cancel() {
        isCancelled = true
        end(.failure(CancellationError()))
    }

    private func end(_ outcome: Result<Void, any Error>) {
        guard let timer else { return }
        self.timer = nil
        self.outcome = outcome
        timer.close()
    }
}
