import CWippyLua
import CWippyLuaShim

extension LuaStack {
    /// The number of an argument, which may be the text of one.
    public func checkNumber(at index: Int) throws(LuaRaise) -> Double {
        var isNumber: Int32 = 0
        let value = lua_tonumberx(lua, Int32(index), &isNumber)
        guard isNumber != 0 else { throw .argument(index, expected: "number", got: typeName(at: index)) }
        return value
    }

    /// The whole number of an argument, which may be the text of one; a fraction is cut off.
    public func checkInteger(at index: Int) throws(LuaRaise) -> Int {
        var isExact: Int32 = 0
        let value = lua_tointegerx(lua, Int32(index), &isExact)
        return isExact != 0 ? Int(value) : Int(cutting: try checkNumber(at: index))
    }

    /// The whole number of an argument that may be left out.
    public func checkInteger(at index: Int, default value: Int) throws(LuaRaise) -> Int {
        isNil(at: index) ? value : try checkInteger(at: index)
    }

    /// The text of an argument; a number counts as its text, and invalid UTF-8 is repaired.
    public func checkString(at index: Int) throws(LuaRaise) -> String {
        try checkText(at: index)
        return string(at: index) ?? ""
    }

    /// The text of an argument that may be left out.
    public func checkString(at index: Int, default value: String) throws(LuaRaise) -> String {
        isNil(at: index) ? value : try checkString(at: index)
    }

    /// The bytes of an argument; a number counts as its text.
    public func checkBytes(at index: Int) throws(LuaRaise) -> [UInt8] {
        try checkText(at: index)
        return bytes(at: index) ?? []
    }

    /// Makes sure that an argument is a string; a number becomes its text, in its place.
    public func checkText(at index: Int) throws(LuaRaise) {
        let type = lua_type(lua, Int32(index))
        if type == LUA_TSTRING { return }
        guard type == LUA_TNUMBER else { throw .argument(index, expected: "string", got: typeName(at: index)) }
        pushText(at: index)
        lua_copy(lua, -1, Int32(index))
        pop()
    }

    /// The truth value of an argument; only true and false are.
    public func checkBool(at index: Int) throws(LuaRaise) -> Bool {
        try check(.boolean, at: index)
        return isTrue(at: index)
    }

    /// Makes sure that an argument is of a type.
    public func check(_ type: LuaType, at index: Int) throws(LuaRaise) {
        guard self.type(at: index) == type else {
            throw .argument(index, expected: type.name, got: typeName(at: index))
        }
    }

    /// The Swift object of an argument.
    public func checkObject<Object>(at index: Int, as type: LuaObjectType<Object>) throws(LuaRaise) -> Object {
        guard let object = object(at: index, as: type) else {
            throw .argument(index, expected: type.name, got: typeName(at: index))
        }
        return object
    }

    /// What a value is, in Lua's words, for sentences: "no value", "nil", "table".
    public func typeName(at index: Int) -> String { type(at: index).name }
}
