import LuaEngine

extension LuaStack {
    /// Adds nil, the absent error, to the value on top, and gives both as results: how most functions succeed.
    func succeed() -> LuaVerdict {
        pushNil()
        return .results(2)
    }

    /// Gives text and no error.
    func succeed(_ text: String) -> LuaVerdict {
        push(text)
        return succeed()
    }

    /// Gives bytes and no error.
    func succeed(_ bytes: [UInt8]) -> LuaVerdict {
        push(bytes)
        return succeed()
    }

    /// Gives a truth value and no error.
    func succeed(_ value: Bool) -> LuaVerdict {
        push(value)
        return succeed()
    }

    /// Gives a whole number and no error.
    func succeed(_ value: Int) -> LuaVerdict {
        push(value)
        return succeed()
    }

    /// Gives a Swift object and no error.
    func succeed<Object>(_ object: Object, as type: LuaObjectType<Object>) -> LuaVerdict {
        push(object, as: type)
        return succeed()
    }

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
