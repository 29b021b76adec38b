/// Suspends until a condition holds.
///
/// The condition is asked at once, then at each turn of the scheduler, and after some turns with pauses of up to
/// 16 milliseconds, so that a test that waits leaves the processor to what it waits for. Wait for what a user would
/// see, never for a while:
///
///     try await eventually("the task is processed") { try await status(of: task) == "processed" }
///
/// - Parameters:
///   - what: what you wait for, for the error.
///   - limit: when it is given up. It is there to end a test that hangs, so leave it far above what is expected: 60
///     seconds by default.
///   - fileID: the file of the call, for the error.
///   - line: the line of the call, for the error.
///   - condition: the condition that must become true.
/// - Throws: ``NeverHappened`` when the limit is reached; `CancellationError` when the task is cancelled; and what the
///   condition throws.
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

/// What a test waited for did not happen in time.
public struct NeverHappened: Error, CustomStringConvertible {
    /// Where it was waited for, what it was, and for how long.
    public let description: String
}
