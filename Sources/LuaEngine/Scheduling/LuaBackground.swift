/// An operation that runs beside the call's coroutines, such as a timer that will send into a channel.
///
/// While an operation is pending, coroutines that all wait for channels are not a deadlock. When the call ends, the
/// operation is cancelled.
public final class LuaBackground {
    /// The largest number of pending operations of one call: 10,000.
    public static let maxCount = 10_000

    let operation: @Sendable () async -> Void
    let finish: (LuaStack) -> Void
    private(set) var isCancelled = false
    private let stop: AsyncStream<Void>.Continuation

    init(_ operation: @escaping @Sendable () async -> Void, then finish: @escaping (LuaStack) -> Void) {
        let (stopped, stop) = AsyncStream<Void>.makeStream()
        // The operation is a child of the task that runs this, because only a child runs on its parent's executor.
        self.operation = {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await operation()
                    stop.finish()
                }
                for await _ in stopped {}
                group.cancelAll()
            }
        }
        self.stop = stop
        self.finish = finish
    }

    /// Cancels the operation.
    ///
    /// Its closure `finish` is not called after that.
    public func cancel() {
        isCancelled = true
        stop.finish()
    }
}
