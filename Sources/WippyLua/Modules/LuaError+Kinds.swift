import LuaEngine

extension LuaError {
    /// What the caller passed is wrong; the same again fails again.
    static func invalid(_ message: String) -> LuaError { .final("Invalid", message) }

    /// What was asked for is not there.
    static func notFound(_ message: String) -> LuaError { .final("NotFound", message) }

    /// Something went wrong inside; the same again fails again.
    static func `internal`(_ message: String) -> LuaError { .final("Internal", message) }
}

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
}
