public import EventLoops
public import WippyRuntime

/// A provider that gives out the event loops in turn.
public struct LoopExecutors: EventLoopProvider {
    /// The event loops.
    public let loops: EventLoopGroup

    /// Creates a provider for the loops of a group.
    public init(loops: EventLoopGroup) {
        self.loops = loops
    }

    /// Returns the next loop in turn.
    public func next() -> any TaskExecutor { loops.next() }

    /// Swift's shared pool.
    public var shared: any TaskExecutor { globalConcurrentExecutor }

    /// Tells the current loop that an entry's code has begun, so that the report of a stall can name the entry.
    ///
    /// - Returns: a number for ``ended(_:)``; nil if the calling thread runs none of the loops.
    public func began(_ entry: RunningEntry) -> Int? {
        guard let loop = EventLoop.current, loops.loops.indices.contains(loop.index),
            loops.loops[loop.index] === loop
        else { return nil }
        return loop.beginWork(entry.number) << Self.indexBits | loop.index
    }

    /// Tells the loop that the entry's code has returned.
    ///
    /// You can call it from any thread.
    ///
    /// - Parameter call: the number that ``began(_:)`` returned.
    public func ended(_ call: Int) {
        let index = call & (1 << Self.indexBits - 1)
        let loop = loops.loops[index]
        let work = call >> Self.indexBits
        if loop.isCurrent { loop.endWork(work) } else { loop.execute { loop.endWork(work) } }
    }

    /// Calls `body` after the jobs that are ready on the calling thread's loop, or at once if no loop runs there.
    public func afterReadyJobs(_ body: @escaping @Sendable () -> Void) {
        guard let loop = EventLoop.current, loop.execute(body) else { return body() }
    }

    /// The number of bits for the index of a loop.
    private static let indexBits = Int.bitWidth - (EventLoopGroup.maxCount - 1).leadingZeroBitCount
}
