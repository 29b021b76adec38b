import Synchronization
import WippyDefinition
import WippyRuntime
import WippyValues

/// A process that a script runs on a host.
///
/// The script waits for the end of the process.
final class ExecutedProcess: HostedProcess {
    private let process: any HostedProcess
    private let arguments: [LuaCopy]
    private let caller: ScriptCall
    private let result = Mutex<Result<LuaCopy, any Error>?>(nil)

    init(_ process: any HostedProcess, _ arguments: [LuaCopy], by caller: ScriptCall) {
        (self.process, self.arguments, self.caller) = (process, arguments, caller)
    }

    /// Runs the process on a host until the process has ended.
    ///
    /// - Returns: the value that the process returns.
    /// - Throws: the error of the process, or the host's error when the host has no place for the process.
    func run(on host: any ProcessHost, as id: EntryID) async throws -> LuaCopy {
        // A script gets its arguments from this object, because a table among them may contain itself.
        let input = process is LuaProcess ? [] : try arguments.map { try $0.value }
        let run = try await host.spawn(self, as: id, input: input) {}
        _ = await withTaskCancellationHandler {
            await run.outcome
        } onCancel: {
            run.terminate()
        }
        guard let result = result.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }

    /// Runs the process.
    ///
    /// The host calls this method.
    ///
    /// A process in Lua sees the values that are attached to the waiting call.
    func run(_ context: ProcessContext) async throws -> Value {
        do {
            let copy =
                if let process = process as? LuaProcess {
                    try await process.run(context, arguments, by: caller)
                } else {
                    LuaCopy(try await process.run(context))
                }
            result.withLock { $0 = .success(copy) }
            // The host only checks for false and for numbers. A graph is neither.
            return (try? copy.value) ?? .null
        } catch {
            result.withLock { $0 = .failure(error) }
            throw error
        }
    }
}
