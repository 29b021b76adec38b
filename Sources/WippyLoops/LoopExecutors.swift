public import EventLoops
public import WippyRuntime

/// Gives out the event loops in turn.
///
/// The shared pool is Swift's own.
public struct LoopExecutors: EventLoopProvider {
    /// The loops.
    public let loops: EventLoopGroup

    /// Creates a provider for the loops of a group.
    public init(loops: EventLoopGroup) {
        self.loops = loops
    }

    /// The next loop, in turn.
    public func next() -> any TaskExecutor { loops.next() }

    /// Swift's pool.
    public var shared: any TaskExecutor { globalConcurrentExecutor }

    /// Notes on the current loop that an entry's code has begun.
    public func began(_ entry: RunningEntry) -> Int? {
        guard let loop = EventLoop.current, loops.loops.indices.contains(loop.index),
            loops.loops[loop.index] === loop
        else { return nil }
        return loop.beginWork(entry.number) << Self.indexBits | loop.index
    }

    /// Notes that the code has returned: the number is what ``began(_:)`` gave.
    public func ended(_ call: Int) {
        let index = call & (1 << Self.indexBits - 1)
        let loop = loops.loops[index]
        let work = call >> Self.indexBits
        if loop.isCurrent { loop.endWork(work) } else { loop.execute { loop.endWork(work) } }
    }

    /// Calls `body` after the jobs that are ready on the current loop; at once on any other thread.
    public func afterReadyJobs(_ body: @escaping @Sendable () -> Void) {
        guard let loop = EventLoop.current, loop.execute(body) else { return body() }
    }

    /// How many bits the index of a loop has.
    private static let indexBits = Int.bitWidth - (EventLoopGroup.countMax - 1).leadingZeroBitCount
}
