/// Holds a task that waits; empty if no task waits.
///
/// The continuation is an unsafe one, because a checked one would allocate memory for each request. Its use here is
/// safe: `take` removes it, so the caller resumes it once, and `set` never replaces one.
@safe
struct Waiter<Value> {
    private var continuation: UnsafeContinuation<Value, Never>?

    var isWaiting: Bool { unsafe continuation != nil }

    /// Keeps a task that begins to wait.
    mutating func set(_ new: UnsafeContinuation<Value, Never>) {
        unsafe precondition(continuation == nil, "only one task can wait at a time")
        unsafe continuation = new
    }

    /// Removes and returns the waiting task, for the caller to resume.
    mutating func take() -> UnsafeContinuation<Value, Never>? {
        unsafe continuation.take()
    }
}
