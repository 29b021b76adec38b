import CUV
import Glibc
import Synchronization

/// The event loops of a process, one thread each.
///
/// A group that is not shut down keeps its threads until the process ends.
public final class EventLoopGroup: Sendable {
    /// All loops, in the order of their `index`; at least one.
    public let loops: [EventLoop]

    private let turn = Atomic<Int>(0)
    private let state: Mutex<State>

    private enum State {
        case running([SystemThread])
        case ending([CheckedContinuation<Void, Never>])
        case ended
    }

    /// Starts the loops.
    ///
    /// - Parameters:
    ///   - count: 1 to 1,024; what is outside is taken as the nearest. Unless given, one for each core that this
    ///     process may use.
    ///   - onStall: Called after a turn of a loop took longer than `EventLoop.stallThreshold`, so that its other
    ///     connections waited.
    /// - Throws: If the system has no descriptor or thread left.
    public init(
        count: Int? = nil, onStall: EventLoop.StallReport? = nil
    ) throws(SocketError) {
        let count = min(max(count ?? Self.availableCores(), 1), 1024)
        var loops: [EventLoop] = []
        var threads: [SystemThread] = []
        do throws(SocketError) {
            for index in 0..<count { loops.append(try EventLoop(index: index, onStall: onStall)) }
            for loop in loops { threads.append(try SystemThread(name: "loop-\(loop.index)") { loop.run() }) }
        } catch {
            for loop in loops { loop.end() }
            for thread in threads { thread.join() }
            throw error
        }
        self.loops = loops
        state = Mutex(.running(threads))
    }

    /// The loops in turn.
    public func next() -> EventLoop {
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: turn) % UInt(loops.count))]
    }

    /// Closes every connection, listener and timer that is left and ends the loops' threads; returns when they have
    /// ended.
    ///
    /// Handlers hear `closed` with `SocketError.Code.shutDown`. Tasks that still run afterwards go on in Swift's shared
    /// pool. Legal twice, at once, and from a task on one of the loops. Cancellation has no effect.
    public func shutDown() async {
        await withCheckedContinuation { continuation in
            let (threads, isOver) = state.withLock { state -> ([SystemThread]?, Bool) in
                switch state {
                case .running(let threads):
                    state = .ending([continuation])
                    return (threads, false)
                case .ending(let waiting):
                    state = .ending(waiting + [continuation])
                    return (nil, false)
                case .ended:
                    return (nil, true)
                }
            }
            if isOver { continuation.resume() }
            if let threads { end(threads) }
        }
    }

    /// Joins on a thread of its own, since the caller may be a task on a loop.
    private func end(_ threads: [SystemThread]) {
        for loop in loops { loop.end() }
        do {
            try SystemThread(name: "loops-end") { [self] in finish(threads) }.detach()
        } catch {
            // No thread can be had: the loops end by themselves all the same.
            for thread in threads { thread.detach() }
            finish([])
        }
    }

    private func finish(_ threads: [SystemThread]) {
        for thread in threads { thread.join() }
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            defer { state = .ended }
            guard case .ending(let waiting) = state else { return [] }
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// How many cores this process may run on, as `taskset` and cpusets limit it.
    private static func availableCores() -> Int {
        var set = cpu_set_t()
        guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { return 1 }
        return withUnsafeBytes(of: set) { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
    }
}
