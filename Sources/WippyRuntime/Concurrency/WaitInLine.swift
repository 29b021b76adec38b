/// Suspends the task in a waiting line.
///
/// The task leaves the line when it is cancelled.
///
/// - Parameters:
///   - enter: puts the continuation into the line and returns true; or resumes it and returns false.
///   - leave: removes the continuation from the line, if it is still there, and resumes it.
/// - Returns: the value with which the continuation was resumed.
/// - Throws: the error with which the continuation was resumed.
@inlinable
public func waitInLine<Value: Sendable>(
    entering enter: (CheckedContinuation<Value, any Error>) -> Bool, leaving leave: @escaping @Sendable () -> Void
) async throws -> Value {
    try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            // If the task was cancelled before it waited, the cancellation handler has found nobody in the line.
            if enter(continuation), Task.isCancelled { leave() }
        }
    } onCancel: {
        leave()
    }
}

/// Suspends the task in a waiting line in which no wait fails.
///
/// The task leaves the line when it is cancelled.
///
/// - Parameters:
///   - enter: puts the continuation into the line and returns true; or resumes it and returns false.
///   - leave: removes the continuation from the line, if it is still there, and resumes it.
/// - Returns: the value with which the continuation was resumed.
@inlinable
public func waitInLine<Value: Sendable>(
    entering enter: (CheckedContinuation<Value, Never>) -> Bool, leaving leave: @escaping @Sendable () -> Void
) async -> Value {
    await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            // If the task was cancelled before it waited, the cancellation handler has found nobody in the line.
            if enter(continuation), Task.isCancelled { leave() }
        }
    } onCancel: {
        leave()
    }
}
