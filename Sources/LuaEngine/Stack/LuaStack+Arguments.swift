import CWippyLua
import CWippyLuaShim

extension LuaStack {
    /// Returns an argument as a number.
    ///
    /// A text counts as the number that it spells.
    ///
    /// - Throws: ``LuaRaise`` for any other value.
    public func checkNumber(at index: Int) throws(LuaRaise) -> Double {
        var isNumber: Int32 = 0
        let value = lua_tonumberx(lua, Int32(index), &isNumber)
        guard isNumber != 0 else { throw .argument(index, expected: "number", got: typeName(at: index)) }
        return value
    }

    /// Returns an argument as a whole number.
    ///
    /// A text counts as the number that it spells. A fraction is cut off. A number that does not fit in 64 bits becomes
    /// the nearest number that fits, and not-a-number becomes 0.
    ///
    /// - Throws: ``LuaRaise`` for any other value.
    public func checkInteger(at index: Int) throws(LuaRaise) -> Int {
        var isExact: Int32 = 0
        let value = lua_tointegerx(lua, Int32(index), &isExact)
        return isExact != 0 ? Int(value) : Int(cutting: try checkNumber(at: index))
    }

    /// Returns an optional argument as a whole number, or `value` if the argument is nil or missing.
    ///
    /// - Throws: ``LuaRaise`` for any other value that ``checkInteger(at:)`` refuses.
    public func checkInteger(at index: Int, default value: Int) throws(LuaRaise) -> Int {
        isNil(at: index) ? value : try checkInteger(at: index)
    }

    /// Returns an argument as text.
    ///
    /// A number counts as its text. Invalid UTF-8 becomes U+FFFD.
    ///
    /// - Throws: ``LuaRaise`` for any other value.
    public func checkString(at index: Int) throws(LuaRaise) -> String {
        try checkText(at: index)
        return string(at: index) ?? ""
    }

    /// Returns an optional argument as text, or `value` if the argument is nil or missing.
    ///
    /// - Throws: ``LuaRaise`` for a value that is neither a string nor a number.
    public func checkString(at index: Int, default value: String) throws(LuaRaise) -> String {
        isNil(at: index) ? value : try checkString(at: index)
    }

    /// Returns an argument as bytes.
    ///
    /// A number counts as its text.
    ///
    /// - Throws: ``LuaRaise`` for any other value.
    public func checkBytes(at index: Int) throws(LuaRaise) -> [UInt8] {
        try checkText(at: index)
        return bytes(at: index) ?? []
    }

    /// Checks that an argument is a string or a number.
    ///
    /// A number is replaced by its text on the stack.
    ///
    /// - Throws: ``LuaRaise`` for any other value.
    public func checkText(at index: Int) throws(LuaRaise) {
        let type = lua_type(lua, Int32(index))
        if type == LUA_TSTRING { return }
        guard type == LUA_TNUMBER else { throw .argument(index, expected: "string", got: typeName(at: index)) }
        let position = lua_absindex(lua, Int32(index))
        pushText(at: index)
        wippy_lua_replace(lua, position)
    }

    /// Checks the type of an argument.
    ///
    /// - Throws: ``LuaRaise`` if the argument has another type.
    public func check(_ type: LuaType, at index: Int) throws(LuaRaise) {
        guard self.type(at: index) == type else {
            throw .argument(index, expected: type.name, got: typeName(at: index))
        }
    }

    /// Returns the Swift object of an argument.
    ///
    /// - Throws: ``LuaRaise`` if the argument is not an object of the type.
    public func checkObject<Object>(at index: Int, as type: LuaObjectType<Object>) throws(LuaRaise) -> Object {
        guard let object = object(at: index, as: type) else {
            throw .argument(index, expected: type.name, got: typeName(at: index))
        }
        return object
    }

    /// The name of a value's type in Lua, such as "nil" or "table"; "no value" past the top.
    public func typeName(at index: Int) -> String { type(at: index).name }
}
