import CWippyLua
import CWippyLuaShim

extension LuaStack {
    /// Pushes a table of members that scripts cannot change.
    func pushReadOnly(_ members: [LuaMember]) {
        pushTable(fields: members.count)
        for member in members { member.set(on: self, at: -1) }
        makeReadOnly()
    }

    /// Replaces the table on top by a table that has the same fields and refuses changes.
    ///
    /// `pairs`, `next`, `ipairs` and the functions of `table` see the fields.
    func makeReadOnly() {
        pushTable()
        finishReadOnly(table: count, fields: count - 1)
        wippy_lua_remove(lua, -2)
    }

    /// Makes an empty table show the fields of another table.
    func finishReadOnly(table: Int, fields: Int) {
        pushTable(fields: 4)
        pushCopy(of: fields)
        setField("__index", at: -2)
        push(state.environment.refuseChange)
        setField("__newindex", at: -2)
        push(false)
        setField("__metatable", at: -2)
        push(state.environment.lengthOfReadOnly)
        setField("__len", at: -2)
        lua_setmetatable(lua, Int32(table))
        // Library functions find the fields in this list.
        _ = lua_rawgeti(lua, wippy_lua_registry(), lua_Integer(state.readOnly))
        pushCopy(of: table)
        pushCopy(of: fields)
        lua_rawset(lua, -3)
        pop()
    }

    /// Finds the fields of the table at `index`.
    ///
    /// If the table is read-only, this method pushes a table with its fields.
    ///
    /// - Returns: the position of the table to read, and true if scripts must not change the table.
    public func fields(at index: Int) -> (index: Int, isReadOnly: Bool) {
        let absolute = Int(lua_absindex(lua, Int32(index)))
        guard lua_getmetatable(lua, Int32(index)) != 0 else { return (absolute, false) }
        pop()
        _ = lua_rawgeti(lua, wippy_lua_registry(), lua_Integer(state.readOnly))
        pushCopy(of: absolute)
        if lua_rawget(lua, -2) == LUA_TTABLE {
            wippy_lua_remove(lua, -2)
            return (count, true)
        }
        pop(2)
        return (absolute, false)
    }
}
