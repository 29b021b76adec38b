// Functions that push one value and return the verdict that has this value as its only result.
extension LuaStack {
    /// Pushes true or false, and returns ``LuaVerdict/one``.
    public func give(_ value: Bool) -> LuaVerdict {
        push(value)
        return .one
    }

    /// Pushes a whole number, and returns ``LuaVerdict/one``.
    public func give(_ value: Int) -> LuaVerdict {
        push(value)
        return .one
    }

    /// Pushes a float, and returns ``LuaVerdict/one``.
    ///
    /// A float without a fraction stays a float.
    public func give(_ value: Double) -> LuaVerdict {
        push(value)
        return .one
    }

    /// Pushes a text, and returns ``LuaVerdict/one``.
    public func give(_ text: String) -> LuaVerdict {
        push(text)
        return .one
    }

    /// Pushes a text that was known when the Swift code was compiled, and returns ``LuaVerdict/one``.
    public func give(_ text: StaticString) -> LuaVerdict {
        push(text)
        return .one
    }

    /// Pushes bytes as a string, and returns ``LuaVerdict/one``.
    public func give(_ bytes: [UInt8]) -> LuaVerdict {
        push(bytes)
        return .one
    }

    /// Pushes an error, and returns ``LuaVerdict/one``.
    public func give(_ error: LuaError) -> LuaVerdict {
        push(error)
        return .one
    }

    /// Pushes a channel, and returns ``LuaVerdict/one``.
    public func give(_ channel: LuaChannel) -> LuaVerdict { give(channel, as: LuaChannel.objectType) }

    /// Pushes a Swift object as ``push(_:as:holding:)`` does, and returns ``LuaVerdict/one``.
    public func give<Object>(_ object: Object, as type: LuaObjectType<Object>) -> LuaVerdict {
        push(object, as: type)
        return .one
    }
}
