import CWippyUV
import Glibc
import Synchronization
import WippyThreads

/// The event loops of a process, each with its own thread.
///
/// A group that you do not shut down keeps its threads until the process ends.
public final class EventLoopGroup: Sendable {
    /// The most loops that a group has.
    public static let countMax = 1024

    /// All loops, in the order of their `index`; at least one.
    public let loops: [EventLoop]

    private let turn = Atomic<Int>(0)
    private let threads: LoopThreads

    /// Starts the loops.
    ///
    /// - Parameters:
    ///   - count: 1 to ``countMax``; other numbers count as the nearest of these. By default one for each core that
    ///     this process may use.
    ///   - onStall: Called after a turn of a loop took longer than `EventLoop.stallThreshold`, so that its other
    ///     connections waited.
    /// - Throws: If the system has no descriptor or thread left.
    public init(
        count: Int? = nil, onStall: EventLoop.StallReport? = nil
    ) throws(SocketError) {
        let count = min(max(count ?? SystemThread.availableCores, 1), Self.countMax)
        let threads = LoopThreads()
        var loops: [EventLoop] = []
        do throws(SocketError) {
            for index in 0..<count { loops.append(try EventLoop(index: index, onStall: onStall)) }
            for loop in loops { try threads.start(loop) }
        } catch {
            for loop in loops { loop.end() }
            throw error
        }
        self.loops = loops
        self.threads = threads
    }

    /// The next loop in turn.
    public func next() -> EventLoop {
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: turn) % UInt(loops.count))]
    }

    /// Closes every connection, listener and timer, and ends the loops' threads.
    ///
    /// Returns when the loops have ended.
    ///
    /// Handlers receive `closed` with `SocketError.Code.shutDown`. Tasks that still run go on in Swift's shared pool.
    /// You can call this several times, at once, and from a task on one of the loops. A loop whose thread is held up by
    /// a handler ends when the handler returns. Cancelling the task only ends the waiting.
    public func shutDown() async {
        end()
        await threads.ended()
    }

    /// Begins what ``shutDown()`` does, and returns at once.
    public func end() {
        for loop in loops { loop.end() }
    }
}
