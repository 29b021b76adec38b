/// An operation beside the call's coroutines, such as a timer that will send into a channel.
///
/// A call in which coroutines wait for channels is no deadlock while one is pending. It is cancelled when the call
/// ends.
public final class LuaBackground {
    /// How many a call may have at once.
    public static let countMax = 10_000

    let operation: @Sendable () async -> Void
    let finish: (LuaStack) -> Void
    var task: Task<Void, Never>?
    var isCancelled = false

    init(_ operation: @escaping @Sendable () async -> Void, then finish: @escaping (LuaStack) -> Void) {
        self.operation = operation
        self.finish = finish
    }

    /// Cancels the operation; its end then does nothing.
    public func cancel() {
        isCancelled = true
        task?.cancel()
    }
}
