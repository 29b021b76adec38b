import CWippyLua
import CWippyLuaShim

extension LuaStack {
    /// Returns the number of an argument.
    ///
    /// A text that spells a number counts as the number.
    public func checkNumber(at index: Int) throws(LuaRaise) -> Double {
        var isNumber: Int32 = 0
        let value = lua_tonumberx(lua, Int32(index), &isNumber)
        guard isNumber != 0 else { throw .argument(index, expected: "number", got: typeName(at: index)) }
        return value
    }

    /// Returns the whole number of an argument.
    ///
    /// A text that spells a number counts as the number. A fraction is cut off.
    public func checkInteger(at index: Int) throws(LuaRaise) -> Int {
        var isExact: Int32 = 0
        let value = lua_tointegerx(lua, Int32(index), &isExact)
        return isExact != 0 ? Int(value) : Int(cutting: try checkNumber(at: index))
    }

    /// Returns the whole number of an optional argument; `value` if the argument is nil or missing.
    public func checkInteger(at index: Int, default value: Int) throws(LuaRaise) -> Int {
        isNil(at: index) ? value : try checkInteger(at: index)
    }

    /// Returns the text of an argument.
    ///
    /// A number counts as its text. Invalid UTF-8 is repaired.
    public func checkString(at index: Int) throws(LuaRaise) -> String {
        try checkText(at: index)
        return string(at: index) ?? ""
    }

    /// Returns the text of an optional argument; `value` if the argument is nil or missing.
    public func checkString(at index: Int, default value: String) throws(LuaRaise) -> String {
        isNil(at: index) ? value : try checkString(at: index)
    }

    /// Returns the bytes of an argument.
    ///
    /// A number counts as its text.
    public func checkBytes(at index: Int) throws(LuaRaise) -> [UInt8] {
        try checkText(at: index)
        return bytes(at: index) ?? []
    }

    /// Raises unless an argument is a string or a number.
    ///
    /// A number on the stack is replaced by its text.
    public func checkText(at index: Int) throws(LuaRaise) {
        let type = lua_type(lua, Int32(index))
        if type == LUA_TSTRING { return }
        guard type == LUA_TNUMBER else { throw .argument(index, expected: "string", got: typeName(at: index)) }
        pushText(at: index)
        lua_copy(lua, -1, Int32(index))
        pop()
    }

    /// Returns the truth value of an argument, which must be true or false.
    public func checkBool(at index: Int) throws(LuaRaise) -> Bool {
        try check(.boolean, at: index)
        return isTrue(at: index)
    }

    /// Raises if an argument is not of a type.
    public func check(_ type: LuaType, at index: Int) throws(LuaRaise) {
        guard self.type(at: index) == type else {
            throw .argument(index, expected: type.name, got: typeName(at: index))
        }
    }

    /// Returns the Swift object of an argument, which must be of a type.
    public func checkObject<Object>(at index: Int, as type: LuaObjectType<Object>) throws(LuaRaise) -> Object {
        guard let object = object(at: index, as: type) else {
            throw .argument(index, expected: type.name, got: typeName(at: index))
        }
        return object
    }

    /// The name of a value's type in Lua's words: "no value", "nil", "table".
    public func typeName(at index: Int) -> String { type(at: index).name }
}
