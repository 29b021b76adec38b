// Functions that push one value and return it as the only result.
extension LuaStack {
    /// Returns true or false as the only result.
    public func give(_ value: Bool) -> LuaVerdict {
        push(value)
        return .one
    }

    /// Returns a whole number as the only result.
    public func give(_ value: Int) -> LuaVerdict {
        push(value)
        return .one
    }

    /// Returns a float as the only result.
    ///
    /// A float without a fraction stays a float.
    public func give(_ value: Double) -> LuaVerdict {
        push(value)
        return .one
    }

    /// Returns a text as the only result.
    public func give(_ text: String) -> LuaVerdict {
        push(text)
        return .one
    }

    /// Returns a text that is part of the program as the only result.
    public func give(_ text: StaticString) -> LuaVerdict {
        push(text)
        return .one
    }

    /// Returns bytes as the only result, which is a string.
    public func give(_ bytes: [UInt8]) -> LuaVerdict {
        push(bytes)
        return .one
    }

    /// Returns an error as the only result.
    public func give(_ error: LuaError) -> LuaVerdict {
        push(error)
        return .one
    }

    /// Returns a channel as the only result.
    public func give(_ channel: LuaChannel) -> LuaVerdict { give(channel, as: LuaChannel.objectType) }

    /// Returns a Swift object as the only result, in the way of ``push(_:as:holding:)``.
    public func give<Object>(_ object: Object, as type: LuaObjectType<Object>) -> LuaVerdict {
        push(object, as: type)
        return .one
    }
}
