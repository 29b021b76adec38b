public import WippyDefinition
public import WippyRuntime
public import WippyValues

extension ScriptCall {
    /// Calls a function for this call's script, as `funcs.call` does.
    ///
    /// A function in Lua takes any number of arguments. It has the same subject, and sees the values of this call. If
    /// its states are all in use by scripts that wait for it, the call fails instead of waiting for ever. A function in
    /// Swift takes at most one argument.
    ///
    /// ```swift
    /// .function("call") { stack in
    ///     let (caller, arguments) = (try stack.call, try stack.copies(from: 2))
    ///     let function = try stack.entry(stack.checkString(at: 1), as: .function)
    ///     return .wait(for: stack.enclosed { try await caller.call(function, arguments) }) { stack, result in
    ///         try stack.push(result) { try stack.push($0) }
    ///     }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - function: the function, such as the result of `stack.entry(id, as: .function)`.
    ///   - arguments: the arguments of the function.
    ///   - values: values that a function in Lua sees, in place of this call's values with the same names. Default:
    ///     none.
    ///   - options: the time limit and the retry. A function in Lua takes a missing one from its own `meta.options`.
    ///     Default: none.
    /// - Returns: the first result of the function.
    /// - Throws: the error of the function; `WippyError` of kind `Timeout` when an attempt takes too long, of kind
    ///   `Unavailable` when the function would wait for ever, and of kind `Invalid` when a function in Swift cannot
    ///   take the arguments; `CancellationError` when the task is cancelled.
    public func call(
        _ function: any Function, _ arguments: [LuaCopy], values: ValueMap = ValueMap(),
        options: CallOptions = .standard
    ) async throws -> LuaCopy {
        var all = self.values
        for (name, value) in values { all[name] = value }
        return try await FunctionCall(function, arguments, caller: self, values: all, options: options).run()
    }

    /// Runs a process on a host until it has ended, as `process.exec` does.
    ///
    /// A process in Lua sees the values of this call. If the task is cancelled, the process is terminated.
    ///
    /// - Parameters:
    ///   - process: the process, such as the result of `stack.entry(id, as: .process)`.
    ///   - arguments: the arguments of the process. Only a process in Lua can take a table that contains itself.
    ///   - id: the id of the process's entry; see `LuaStack.identifiedEntry(_:as:)`.
    ///   - host: the host.
    /// - Returns: the value that the process returns.
    /// - Throws: the error of the process, or of the host when it has no place for the process; `WippyError` of kind
    ///   `Invalid` when a process in Swift cannot take the arguments; `CancellationError` when the run ends before the
    ///   process has returned or thrown.
    public func run(
        _ process: any HostedProcess, _ arguments: [LuaCopy], as id: EntryID, on host: any ProcessHost
    ) async throws -> LuaCopy {
        try await ExecutedProcess(process, arguments, by: self).run(on: host, as: id)
    }
}
