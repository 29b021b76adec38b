import LuaEngine

extension LuaStack {
    /// Pushes the value of an operation that succeeded, and nil; or nil and the error of one that did not.
    func push<Value>(_ result: Result<Value, any Error>, _ pushValue: (Value) throws -> Void) rethrows -> LuaVerdict {
        switch result {
        case .success(let value):
            try pushValue(value)
            return succeed()
        case .failure(let error): return fail(LuaError(of: error))
        }
    }
}
