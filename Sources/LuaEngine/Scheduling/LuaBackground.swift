/// An operation that runs beside the call's coroutines, such as a timer that will send into a channel.
///
/// While an operation is pending, coroutines that all wait for channels are not a deadlock. When the call ends, the
/// operation is cancelled.
public final class LuaBackground {
    /// The largest number of pending operations of one call: 10,000.
    public static let maxCount = 10_000

    let operation: @Sendable () async -> Void
    let finish: (LuaStack) -> Void
    var task: Task<Void, Never>?
    var isCancelled = false

    init(_ operation: @escaping @Sendable () async -> Void, then finish: @escaping (LuaStack) -> Void) {
        self.operation = operation
        self.finish = finish
    }

    /// Cancels the operation.
    ///
    /// Its closure `finish` is not called after that.
    public func cancel() {
        isCancelled = true
        task?.cancel()
    }
}
