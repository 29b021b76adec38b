// The one result of a function.
extension LuaStack {
    /// Gives true or false.
    public func give(_ value: Bool) -> LuaVerdict {
        push(value)
        return .one
    }

    /// Gives a whole number.
    public func give(_ value: Int) -> LuaVerdict {
        push(value)
        return .one
    }

    /// Gives a float; one without a fraction stays a float.
    public func give(_ value: Double) -> LuaVerdict {
        push(value)
        return .one
    }

    /// Gives text.
    public func give(_ text: String) -> LuaVerdict {
        push(text)
        return .one
    }

    /// Gives text that is part of the program.
    public func give(_ text: StaticString) -> LuaVerdict {
        push(text)
        return .one
    }

    /// Gives bytes as a string.
    public func give(_ bytes: [UInt8]) -> LuaVerdict {
        push(bytes)
        return .one
    }

    /// Gives an error.
    public func give(_ error: LuaError) -> LuaVerdict {
        push(error)
        return .one
    }

    /// Gives a channel.
    public func give(_ channel: LuaChannel) -> LuaVerdict { give(channel, as: LuaChannel.objectType) }

    /// Gives a Swift object, as ``push(_:as:holding:)`` pushes it.
    public func give<Object>(_ object: Object, as type: LuaObjectType<Object>) -> LuaVerdict {
        push(object, as: type)
        return .one
    }
}
