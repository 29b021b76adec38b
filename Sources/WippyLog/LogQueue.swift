import Glibc
import Synchronization

/// The log lines that the writing thread has not taken yet, up to a number of bytes.
///
/// Other threads can wait until lines are written.
final class LogQueue: Sendable {
    /// The lines that the thread takes, and the number of lines that were dropped after them.
    struct Batch {
        var bytes: [UInt8] = []
        var lineCount = 0
        var droppedCount = 0
    }

    /// An event that a thread can wait for.
    enum Event: Sendable {
        /// All lines that have been accepted so far are written or lost.
        case written
        /// The thread has ended.
        case ended
    }

    private struct Waiter {
        var event: Event
        /// The number of lines that must be written or lost.
        var target: Int
        var signal: LogSignal
    }

    private struct State {
        var waiting = Batch()
        var acceptedCount = 0
        var doneCount = 0
        var droppedCount = 0
        /// True if the thread sleeps until it is woken.
        var isThreadIdle = false
        var isClosed = false
        var isEnded = false
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())
    private let maxBytes: Int
    /// Wakes the thread when there are lines, or when no more will come.
    let wake: LogSignal

    init(maxBytes: Int) throws {
        self.maxBytes = maxBytes
        wake = try LogSignal()
    }

    /// The number of lines that were dropped since the beginning.
    var droppedCount: Int {
        state.withLock { $0.droppedCount }
    }

    var isClosed: Bool {
        state.withLock { $0.isClosed }
    }

    func append(_ line: [UInt8]) {
        let mustWake = state.withLock { state in
            guard !state.isClosed, state.waiting.bytes.count + line.count <= maxBytes else {
                state.waiting.droppedCount += 1
                state.droppedCount += 1
                return false
            }
            state.waiting.bytes.append(contentsOf: line)
            state.waiting.lineCount += 1
            state.acceptedCount += 1
            defer { state.isThreadIdle = false }
            return state.isThreadIdle
        }
        if mustWake { wake.raise() }
    }

    /// Accepts no more lines, and wakes the thread.
    func close() {
        state.withLock { $0.isClosed = true }
        wake.raise()
    }

    /// Moves all lines into a batch, whose memory is used for the next lines.
    ///
    /// The thread calls it.
    ///
    /// - Parameter reportsDrops: true if a batch without lines may report dropped lines.
    /// - Returns: false if there is nothing. Then the thread waits for ``wake``.
    func take(_ batch: inout Batch, reportsDrops: Bool) -> Bool {
        batch.bytes.removeAll(keepingCapacity: true)
        batch.lineCount = 0
        batch.droppedCount = 0
        return state.withLock { state in
            let isEmpty = state.waiting.lineCount == 0 && (state.waiting.droppedCount == 0 || !reportsDrops)
            if isEmpty {
                state.isThreadIdle = true
            } else {
                swap(&state.waiting, &batch)
            }
            return !isEmpty
        }
    }

    /// Notes that a batch is written, except for the lost lines.
    ///
    /// The thread calls it.
    func finish(_ batch: Batch, lostCount: Int, isReported: Bool) {
        state.withLock { state in
            state.doneCount += batch.lineCount
            state.droppedCount += lostCount
            state.waiting.droppedCount += lostCount + (isReported ? 0 : batch.droppedCount)
            LogQueue.raiseSignals(&state)
        }
    }

    /// Notes that the thread ends.
    ///
    /// The remaining lines are lost.
    func end() {
        state.withLock { state in
            state.droppedCount += state.waiting.lineCount
            state.waiting = Batch()
            state.doneCount = state.acceptedCount
            state.isClosed = true
            state.isEnded = true
            LogQueue.raiseSignals(&state)
        }
    }

    /// Blocks the calling thread until an event happens or the limit is over.
    ///
    /// - Returns: true if the event has happened.
    func wait(for event: Event, within limit: Duration) -> Bool {
        guard let signal = try? LogSignal() else { return false }
        let (target, isOver) = state.withLock { state in
            let waiter = Waiter(event: event, target: state.acceptedCount, signal: signal)
            let isOver = LogQueue.isOver(waiter, state)
            if !isOver { state.waiters.append(waiter) }
            return (waiter.target, isOver)
        }
        if isOver { return true }
        signal.wait(within: limit)
        return state.withLock { state in
            state.waiters.removeAll { $0.signal === signal }
            return LogQueue.isOver(Waiter(event: event, target: target, signal: signal), state)
        }
    }

    private static func isOver(_ waiter: Waiter, _ state: State) -> Bool {
        switch waiter.event {
        case .written: state.doneCount >= waiter.target
        case .ended: state.isEnded
        }
    }

    private static func raiseSignals(_ state: inout State) {
        for waiter in state.waiters where isOver(waiter, state) {
            waiter.signal.raise()
        }
    }
}
