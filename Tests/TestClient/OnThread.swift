import Glibc

/// Runs what blocks on a thread of its own, so that tests do not hold each other up.
package func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
        let start = Unmanaged.passRetained(ThreadStart { continuation.resume(with: Result { try body() }) })
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, start.toOpaque())
        if status == 0 {
            pthread_detach(thread)
        } else {
            start.release()
            continuation.resume(throwing: TestClient.Failure(errno: status))
        }
    }
}

private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}
