/// A task that waits, or none.
///
/// An unsafe continuation, since a checked one allocates, once for each request. It is safe in here: it is taken out
/// before it is resumed, so it is resumed once, and none is put over another.
@safe
struct Waiter<Value> {
    private var continuation: UnsafeContinuation<Value, Never>?

    var isWaiting: Bool { unsafe continuation != nil }

    /// Keeps a task that begins to wait.
    mutating func set(_ new: UnsafeContinuation<Value, Never>) {
        unsafe precondition(continuation == nil, "only one task can wait at a time")
        unsafe continuation = new
    }

    /// Hands out the task if one waits, for the caller to resume.
    mutating func take() -> UnsafeContinuation<Value, Never>? {
        unsafe continuation.take()
    }
}
