import CWippyUV
import Glibc
import Synchronization
import WippySystem
import WippyThreads

/// A group of event loops, each with its own thread.
///
/// If you do not shut a group down, it keeps its threads until the process ends.
public final class EventLoopGroup: Sendable {
    /// The largest number of loops in a group: 1024.
    public static let maxCount = EventLoopCount.range.upperBound

    /// All loops, in the order of their `index`; at least one.
    public let loops: [EventLoop]

    private let turn = Atomic<Int>(0)
    private let threads: LoopThreads

    /// Creates the loops and starts their threads.
    ///
    /// - Parameters:
    ///   - count: the number of loops, from 1 to ``maxCount``. A number outside the range counts as the nearest allowed
    ///     number. Default: one loop for each core that this process may use.
    ///   - onStall: called after a turn of a loop took longer than ``EventLoop/stallThreshold``. Default: nil.
    /// - Throws: `SocketError` when the system cannot give a loop its descriptors, memory or thread.
    public init(
        count: Int? = nil, onStall: EventLoop.StallReport? = nil
    ) throws(SocketError) {
        let count = min(max(count ?? SystemThread.availableCores, 1), Self.maxCount)
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

    /// Returns the next loop in turn.
    ///
    /// You can call it from any thread.
    public func next() -> EventLoop {
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: turn) % UInt(loops.count))]
    }

    /// Closes every connection, listener, timer and watch, and ends the loops' threads.
    ///
    /// The method returns when the loops have ended. Handlers of open connections receive `closed` with the code
    /// `shutDown`. Tasks that still run continue in Swift's shared pool.
    ///
    /// You can call it several times, also at the same time, and from a task on one of the loops. If the calling task
    /// is cancelled, the call returns early, and the shutdown goes on.
    public func shutDown() async {
        end()
        await threads.ended()
    }

    /// Begins the same shutdown as ``shutDown()``, and returns at once.
    public func end() {
        for loop in loops { loop.end() }
    }
}
