import LuaEngine
import WippyDefinition
import WippyLog
import WippyRuntime

/// Makes the states of a Lua entry.
struct StateSource: Sendable {
    let context: EntryContext
    private let library: LuaLibrary
    private let method: String
    private let environment: LuaEnvironment

    /// - Parameter method: the name of the function in the table that the script returns.
    init(library: LuaLibrary, method: String, limits: LuaEnvironment.Limits, context: EntryContext) {
        (self.library, self.method, self.context) = (library, method, context)
        environment = LuaEnvironment(modules: library.allModules, limits: limits) { stack, line in
            context.log.info(line, stack.placeInLog)
        }
    }

    /// True if the code may send a part of an answer before the code has ended.
    var sendsParts: Bool { library.sendsParts }

    /// Makes a state, and runs the script's text in it.
    ///
    /// - Throws: the script's failure, or `WippyError` of kind `NotFound` when the script returns no function.
    func make() async throws -> LoadedState {
        let (state, value) = try await load()
        let function = state.type(of: value) == .function ? value : state.member(method, of: value)
        guard let function, state.type(of: function).mayBeCallable else {
            throw WippyError(.notFound, "the script \(Self.lack(of: method))", isRetryable: false)
        }
        return LoadedState(state, function)
    }

    /// Returns the rest of a sentence about a script that does not return the function to call.
    static func lack(of method: String) -> String {
        "returns neither a function nor a table with '\(method)'"
    }

    /// - Returns: the state, and the value that the script returns.
    private func load() async throws -> (LuaState, LuaReference) {
        do throws(LuaFailure) {
            let state = try LuaState(environment)
            state.context = ScriptCall(context)
            defer { state.context = nil }
            return (state, try await library.load(into: state))
        } catch {
            context.log.tell(error)
            throw error.thrown
        }
    }
}

extension LuaType {
    /// True if a value of this type can be called, perhaps by its metatable.
    fileprivate var mayBeCallable: Bool { self == .function || self == .table || self == .userdata }
}

/// A state whose script has run, with the function for calls.
///
/// `@unchecked Sendable`: two threads never use a state at once. A pool lends the state to one call at a time. When
/// that call has ended, the pool gives it to the next call under a lock.
final class LoadedState: @unchecked Sendable {
    private let state: LuaState
    private let function: LuaReference

    /// The number of bytes that the state held after its last garbage collection.
    private var memoryNeeded: Int
    /// True if the state needed borrowed memory even after its last garbage collection.
    private var needsBorrowedMemory = false

    init(_ state: LuaState, _ function: LuaReference) {
        (self.state, self.function) = (state, function)
        memoryNeeded = state.memoryUsed
    }

    /// True if the state holds so much garbage that it must be collected before the next call, by ``shrink()``.
    var isSwollen: Bool { state.memoryUsed > 2 * memoryNeeded + Self.maxGarbageBytes }

    private static let maxGarbageBytes = 512 << 10

    /// Collects the garbage of a call that has borrowed memory, so that the next call can borrow this memory.
    ///
    /// This takes less than a millisecond. A state with many values keeps the memory, because its collection takes
    /// longer.
    func tidyUp() {
        guard state.hasBorrowedMemory, !needsBorrowedMemory, state.memoryUsed < Self.maxGarbageBytes else { return }
        shrink()
    }

    /// Collects the state's garbage, which takes some time.
    func shrink() {
        state.collectGarbage()
        memoryNeeded = state.memoryUsed
        needsBorrowedMemory = !state.giveMemoryBack()
    }

    /// True if further calls are possible.
    var isUsable: Bool { state.isUsable }

    /// Calls the function.
    ///
    /// - Parameters:
    ///   - arguments: pushes the arguments and returns their number.
    ///   - results: reads the results. It is called only if the call has not failed.
    /// - Throws: the error that the script raises or returns as its second result, converted for callers.
    func call<Result>(
        _ call: ScriptCall, arguments: (LuaStack) throws -> Int, results: (LuaStack) throws -> Result
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
    /// The error that a function returns as its second result, from an error or a text; nil if the function returns no
    /// error.
    fileprivate var returnedError: LuaError? {
        error(at: 2) ?? string(at: 2).map { LuaError.internal($0) }
    }
}
