/// Waits until a condition holds.
///
/// The condition is checked at once, and then again and again. Wait for an event that a user would see, never for a
/// time:
///
/// ```swift
/// try await eventually("the task is processed") { try await status(of: task) == "processed" }
/// ```
///
/// - Parameters:
///   - what: the event that you wait for, in words, for the error. Default: `what the test waits for`.
///   - limit: the longest time to wait. Default: 60 s. It only ends a test that hangs, so leave it far above the
///     expected time.
///   - fileID: the file of the call, for the error.
///   - line: the line of the call, for the error.
///   - condition: the condition that must become true.
/// - Throws: ``NeverHappened`` when the limit is reached; `CancellationError` when the task is cancelled; the errors of
///   the condition.
public func eventually(
    _ what: String = "what the test waits for", within limit: Duration = .seconds(60),
    fileID: String = #fileID, line: Int = #line, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    var turns = 0
    while try await !condition() {
        guard ContinuousClock.now < end else {
            throw NeverHappened(description: "\(fileID):\(line): \(what) did not happen within \(limit)")
        }
        if turns < 16 {
            await Task.yield()
            try Task.checkCancellation()
        } else {
            try await Task.sleep(for: .milliseconds(min(turns - 15, 16)))
        }
        turns += 1
    }
}

/// The error for a condition that did not become true in time.
public struct NeverHappened: Error, CustomStringConvertible {
    /// The place of the call, the event, and the limit.
    public let description: String
}
