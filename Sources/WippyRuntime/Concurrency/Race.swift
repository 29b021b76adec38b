/// Runs two closures at once, and cancels the slower one when the faster one has ended.
///
/// The call returns when both have ended.
///
/// - Returns: the result of the faster one.
/// - Throws: the error of the faster one.
package func race<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result,
    against other: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await work() }
        group.addTask { try await other() }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}
