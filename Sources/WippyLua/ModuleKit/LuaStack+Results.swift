public import LuaEngine

extension LuaStack {
    /// Returns the value on top as the result, and nil as the error.
    ///
    /// Most functions of modules succeed in this way, and fail as `fail(_:)` does. So a script can write
    /// `local value, err = module.call()`.
    public func succeed() -> LuaVerdict {
        pushNil()
        return .results(2)
    }

    /// Returns a text and no error.
    public func succeed(_ text: String) -> LuaVerdict {
        push(text)
        return succeed()
    }

    /// Returns bytes and no error.
    public func succeed(_ bytes: [UInt8]) -> LuaVerdict {
        push(bytes)
        return succeed()
    }

    /// Returns a truth value and no error.
    public func succeed(_ value: Bool) -> LuaVerdict {
        push(value)
        return succeed()
    }

    /// Returns a whole number and no error.
    public func succeed(_ value: Int) -> LuaVerdict {
        push(value)
        return succeed()
    }

    /// Returns a Swift object and no error.
    public func succeed<Object>(_ object: Object, as type: LuaObjectType<Object>) -> LuaVerdict {
        push(object, as: type)
        return succeed()
    }

    /// Returns the value of an operation, and nil as the error.
    ///
    /// If the operation failed, returns nil and the error.
    ///
    /// ```swift
    /// return .wait {
    ///     try await queue.count.total
    /// } then: { stack, total in
    ///     stack.push(total) { stack.push($0) }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - result: the outcome of the operation.
    ///   - pushValue: pushes the value, which it gets, onto the stack.
    public func push<Value>(
        _ result: Result<Value, any Error>, _ pushValue: (Value) throws -> Void
    ) rethrows -> LuaVerdict {
        switch result {
        case .success(let value):
            try pushValue(value)
            return succeed()
        case .failure(let error): return fail(LuaError(of: error))
        }
    }
}
