import Synchronization
import WippyDefinition
import WippyRuntime
import WippyValues

/// A process that a script has run on a host, and waits for.
final class ExecutedProcess: HostedProcess {
    private let process: any HostedProcess
    private let caller: CallContext
    private let result = Mutex<Result<Value, any Error>?>(nil)

    init(_ process: any HostedProcess, by caller: CallContext) {
        (self.process, self.caller) = (process, caller)
    }

    /// Runs it on a host until it has ended; it ends with the call that waits.
    ///
    /// - Returns: what it returns.
    /// - Throws: what it fails with, and what the host says when it has no place for it.
    func run(on host: any ProcessHost, as id: EntryID, input: [Value]) async throws -> Value {
        let run = try await host.spawn(self, as: id, input: input) {}
        _ = await withTaskCancellationHandler {
            await run.outcome
        } onCancel: {
            run.terminate()
        }
        guard let result = result.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }

    /// What the host calls.
    ///
    /// A process in Lua sees what is attached to the call that waits for it.
    func run(_ context: ProcessContext) async throws -> Value {
        do {
            let value =
                if let process = process as? LuaProcess {
                    try await process.run(context, by: caller)
                } else {
                    try await process.run(context)
                }
            result.withLock { $0 = .success(value) }
            return value
        } catch {
            result.withLock { $0 = .failure(error) }
            throw error
        }
    }
}
