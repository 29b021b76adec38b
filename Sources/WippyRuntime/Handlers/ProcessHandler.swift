import WippyValues

/// A handler that runs until it is done.
public protocol ProcessHandler: Handler {
    /// Runs the process once.
    ///
    /// Others that need the process start when it is ready: when it returns, first awaits its events or sleeps by its
    /// context, or calls `ready()`. When it is told to stop it ends; see ``ProcessContext``.
    ///
    /// - Returns: 0 when the work is done: it is not restarted. Another number is a failure, and so is throwing; then
    ///   the restart policy of the service applies.
    func run(_ process: ProcessContext) async throws -> Int
}

extension ProcessHandler {
    /// A process.
    public static var shape: HandlerShape {
        HandlerShape("a process", of: Self.self, purpose: .process, offers: .process) {
            TypedProcess(handler: $0, placement: $1)
        }
    }
}

/// Hands a process handler's exit code on as a value.
private struct TypedProcess<Typed: ProcessHandler>: HostedProcess {
    let handler: Typed
    let placement: Placement

    func run(_ context: ProcessContext) async throws -> Value {
        .integer(try await placement.run { try await handler.run(context) })
    }
}
