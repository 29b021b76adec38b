import WippyValues

/// A handler for a process.
///
/// It runs until its work is done.
public protocol ProcessHandler: Handler {
    /// Runs the process once.
    ///
    /// Services that need the process start when it is ready, unless they require that it has completed. It is ready
    /// when it calls `ready()`, when it first sleeps or waits for events with its context, or when it returns 0. Return
    /// soon after a request to stop; see ``ProcessContext``.
    ///
    /// - Returns: 0 when the work is done. Another number is a failure.
    /// - Throws: any error, which is a failure too. Throw `CancellationError` only after a request to stop: then it is
    ///   no failure.
    func run(_ process: ProcessContext) async throws -> Int
}

extension ProcessHandler {
    /// The shape of every handler for a process.
    public static var shape: HandlerShape {
        HandlerShape("a process", of: Self.self, purpose: .process, offers: .process) {
            TypedProcess(handler: $0, placement: $1)
        }
    }
}

/// Returns a process handler's result as a value.
private struct TypedProcess<Typed: ProcessHandler>: HostedProcess {
    let handler: Typed
    let placement: Placement

    func run(_ context: ProcessContext) async throws -> Value {
        .integer(try await placement.run { try await handler.run(context) })
    }
}
