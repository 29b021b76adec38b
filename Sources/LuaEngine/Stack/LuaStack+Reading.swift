import CWippyLua
import CWippyLuaShim

extension LuaStack {
    /// The type of the value at a position.
    ///
    /// For a position past the top it is `.none`.
    public func type(at index: Int) -> LuaType {
        LuaType(rawValue: lua_type(lua, Int32(index))) ?? .none
    }

    /// True if the value is nil, or if the position is past the top.
    public func isNil(at index: Int) -> Bool { lua_type(lua, Int32(index)) <= 0 }

    /// True if a value counts as true in Lua: any value except nil and false.
    public func isTrue(at index: Int) -> Bool { lua_toboolean(lua, Int32(index)) != 0 }

    /// True if a value is an integer of Lua.
    ///
    /// A float without a fraction is not an integer of Lua.
    public func isInteger(at index: Int) -> Bool { lua_isinteger(lua, Int32(index)) != 0 }

    /// The number at a position; nil if the value is not a number.
    ///
    /// A text does not count as a number.
    public func number(at index: Int) -> Double? {
        type(at: index) == .number ? lua_tonumberx(lua, Int32(index), nil) : nil
    }

    /// The whole number at a position; nil if the value is not a number.
    ///
    /// A fraction is cut off. A number that does not fit in 64 bits becomes the nearest number that fits, and
    /// not-a-number becomes 0.
    public func integer(at index: Int) -> Int? {
        guard type(at: index) == .number else { return nil }
        var isExact: Int32 = 0
        let value = lua_tointegerx(lua, Int32(index), &isExact)
        if isExact != 0 { return Int(value) }
        return Int(cutting: lua_tonumberx(lua, Int32(index), nil))
    }

    /// The text at a position; nil if the value is not a string.
    ///
    /// Invalid UTF-8 becomes U+FFFD. A number is not a string.
    public func string(at index: Int) -> String? {
        withBytes(at: index) { bytes in String(decoding: bytes, as: UTF8.self) }
    }

    /// A copy of the bytes of the string at a position; nil if the value is not a string.
    public func bytes(at index: Int) -> [UInt8]? {
        withBytes(at: index) { bytes in Array(bytes) }
    }

    /// Calls `body` with the bytes of the string at a position, without a copy.
    ///
    /// The bytes are valid only in `body`, which must not remove the value from the stack.
    ///
    /// - Returns: the result of `body`; nil if the value is not a string.
    public func withBytes<Result, Failure>(
        at index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard lua_type(lua, Int32(index)) == LUA_TSTRING else { return nil }
        var count = 0
        let start = lua_tolstring(lua, Int32(index), &count)
        return try body(
            UnsafeBufferPointer(start: UnsafeRawPointer(start)?.assumingMemoryBound(to: UInt8.self), count: count))
    }

    /// Calls `body` with a span of the bytes of the string at a position, without a copy.
    ///
    /// `body` must not remove the value from the stack.
    ///
    /// - Returns: the result of `body`; nil if the value is not a string.
    public func withSpan<Result, Failure>(
        at index: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        try withBytes(at: index) { bytes throws(Failure) in try body(bytes.span) }
    }

    /// The Swift object at a position; nil if the value is not an object of the type, or if the object was released.
    public func object<Object>(at index: Int, as type: LuaObjectType<Object>) -> Object? {
        guard lua_type(lua, Int32(index)) == LUA_TUSERDATA, let held = lua_touserdata(lua, Int32(index)) else {
            return nil
        }
        let pointer = held.assumingMemoryBound(to: wippy_lua_object.self)
        guard pointer.pointee.type == type.key.identity, let object = pointer.pointee.object else { return nil }
        return Unmanaged<Object>.fromOpaque(object).takeUnretainedValue()
    }
}
