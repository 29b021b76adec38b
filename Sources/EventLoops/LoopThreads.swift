import Synchronization

/// The threads of a group's loops, and who waits for their end.
final class LoopThreads: Sendable {
    private struct State {
        var running = 0
        var nextKey = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Runs a loop on a thread of its own.
    func start(_ loop: EventLoop) throws(SocketError) {
        state.withLock { $0.running += 1 }
        do throws(SocketError) {
            let thread = try SystemThread(name: "loop-\(loop.index)") { [self] in
                loop.run()
                countEnd()
            }
            thread.detach()
        } catch {
            countEnd()
            throw error
        }
    }

    /// Returns when all loops have ended, or the task is cancelled.
    func ended() async {
        let key = state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.running > 0, !Task.isCancelled { state.waiting[key] = continuation }
                    return state.waiting[key] == nil
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: key) }?.resume()
        }
    }

    private func countEnd() {
        let waiting = state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }
}
