import LuaEngine
import WippyDefinition
import WippyLog
import WippyRuntime

/// Where the states of a Lua entry come from.
struct StateSource: Sendable {
    let context: EntryContext
    private let library: LuaLibrary
    private let method: String
    private let environment: LuaEnvironment

    /// - Parameter method: the function of the table that the script returns.
    init(library: LuaLibrary, method: String, limits: LuaLimits, context: EntryContext) {
        (self.library, self.method, self.context) = (library, method, context)
        var bounds = LuaEnvironment.Limits()
        bounds.memory = limits.memory.bytes
        bounds.run = limits.run
        environment = LuaEnvironment(modules: library.allModules, limits: bounds) { stack, line in
            context.log.info(line, stack.placeInLog)
        }
    }

    /// Whether the code may send a part of an answer before it has ended.
    var sendsParts: Bool { library.sendsParts }

    /// Makes a state, and runs the script's text in it.
    ///
    /// - Throws: what the script fails with, also where it returns no function.
    func make() async throws -> LoadedState {
        let (state, value) = try await load()
        guard let function = state.type(of: value) == .function ? value : state.member(method, of: value) else {
            throw WippyError(
                .notFound, "the script returns neither a function nor a table with '\(method)'", isRetryable: false)
        }
        return LoadedState(state, function)
    }

    /// - Returns: a state, and what the script returns.
    private func load() async throws -> (LuaState, LuaReference) {
        do throws(LuaFailure) {
            let state = try LuaState(environment)
            state.context = CallContext(context)
            defer { state.context = nil }
            return (state, try await library.load(into: state))
        } catch {
            context.log.tell(error)
            throw error.thrown
        }
    }
}

/// A state whose script has been run, with the function that calls are for.
///
/// `@unchecked Sendable`, since a state is handed from one call to the next and never used by two threads at once: a
/// pool lends it to one call at a time, and gives it to the next under a lock when that call has ended.
final class LoadedState: @unchecked Sendable {
    private let state: LuaState
    private let function: LuaReference

    /// What the state held when only that was left of it which scripts reach.
    private var memoryNeeded: Int

    init(_ state: LuaState, _ function: LuaReference) {
        (self.state, self.function) = (state, function)
        memoryNeeded = state.memoryUsed
    }

    /// Whether it holds so much garbage that it should not wait like this for its next call.
    var isSwollen: Bool { state.memoryUsed > 2 * memoryNeeded + Self.garbageMax }

    private static let garbageMax = 1 << 20

    /// Lets go of its garbage, which takes a while.
    func shrink() {
        state.collectGarbage()
        memoryNeeded = state.memoryUsed
    }

    /// Whether further calls are possible.
    var isUsable: Bool { state.isUsable }

    /// Calls the function.
    ///
    /// - Parameters:
    ///   - arguments: pushes the arguments and says how many.
    ///   - results: reads the results, when the call has not failed.
    /// - Throws: what the script raises or returns as its second result, as others see it.
    func call<Result>(
        _ call: CallContext, arguments: (LuaStack) throws -> Int, results: (LuaStack) throws -> Result
    ) async throws -> Result {
        state.context = call
        defer { state.context = nil }
        do throws(LuaFailure) {
            return try await state.call(function, arguments: arguments) { stack in
                if let error = stack.returnedError { throw error }
                return try results(stack)
            }
        } catch {
            call.log.tell(error)
            throw error.thrown
        }
    }
}

extension LuaStack {
    /// What a function returns as its second result to say that it has failed: an error, or a text.
    fileprivate var returnedError: LuaError? {
        error(at: 2) ?? string(at: 2).map { LuaError.internal($0) }
    }
}
