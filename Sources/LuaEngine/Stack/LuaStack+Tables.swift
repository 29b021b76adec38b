import CWippyLua
import CWippyLuaShim

extension LuaStack {
    /// Pushes an empty table, with space for the fields that will follow.
    ///
    /// - Parameters:
    ///   - elements: the expected number of list elements. Default: 0, not known.
    ///   - fields: the expected number of other fields. Default: 0, not known.
    public func pushTable(elements: Int = 0, fields: Int = 0) {
        lua_createtable(lua, Int32(clamping: elements), Int32(clamping: fields))
    }

    /// Pops a value, and sets it as a field of the table at a position.
    ///
    /// Metatables are ignored.
    public func setField(_ name: String, at index: Int) {
        let table = lua_absindex(lua, Int32(index))
        push(name)
        wippy_lua_insert(lua, -2)
        lua_rawset(lua, table)
    }

    /// Pops a value, and sets it as an element of the table at a position.
    ///
    /// Elements are counted from one. Metatables are ignored.
    public func setElement(_ number: Int, at index: Int) {
        lua_rawseti(lua, Int32(index), lua_Integer(number))
    }

    /// Pops a value and the key below it, and sets the pair in the table at a position.
    ///
    /// The key must be neither nil nor NaN. Metatables are ignored.
    public func setPair(at index: Int) {
        lua_rawset(lua, Int32(index))
    }

    /// Pushes a field of the table at a position, and returns the type of the field.
    ///
    /// A read-only table shows its fields. Other metatables are ignored.
    @discardableResult public func pushField(_ name: String, at index: Int) -> LuaType {
        withFields(at: index) { table in
            push(name)
            return LuaType(rawValue: lua_rawget(lua, table)) ?? .nil
        }
    }

    /// Pushes an element of the table at a position, and returns the type of the element.
    ///
    /// Elements are counted from one. A read-only table shows its elements. Other metatables are ignored.
    @discardableResult public func pushElement(_ number: Int, at index: Int) -> LuaType {
        withFields(at: index) { table in LuaType(rawValue: lua_rawgeti(lua, table, lua_Integer(number))) ?? .nil }
    }

    /// Calls `push` with the position of the table that has the fields of the table at `index`.
    ///
    /// `push` must push one value.
    private func withFields(at index: Int, _ push: (Int32) -> LuaType) -> LuaType {
        let (table, isReadOnly) = fields(at: index)
        let type = push(Int32(table))
        if isReadOnly { wippy_lua_remove(lua, -2) }
        return type
    }

    /// The length of the table or string at a position; for a string, in bytes.
    ///
    /// A read-only table has the length of its fields. Other metatables are ignored.
    public func length(at index: Int) -> Int {
        guard type(at: index) == .table else { return Int(lua_rawlen(lua, Int32(index))) }
        let (table, isReadOnly) = fields(at: index)
        defer { if isReadOnly { pop() } }
        return Int(lua_rawlen(lua, Int32(table)))
    }

    /// A number that no other table has while the table at a position lives.
    public func tableIdentity(at index: Int) -> Int { Int(bitPattern: lua_topointer(lua, Int32(index))) }

    /// Pops a key, and pushes the next pair of the table at a position: first the key, then the value.
    ///
    /// Begin with nil as the key. Do not add keys to the table during the loop. A read-only table has no pairs itself:
    /// take the table that ``fields(at:)`` finds.
    ///
    /// - Returns: false if there is no further pair. Then nothing is pushed.
    public func next(at index: Int) -> Bool { lua_next(lua, Int32(index)) != 0 }

    /// Calls `body` for each pair of a table, with the key at -2 and the value at -1.
    ///
    /// A read-only table shows its pairs. Other metatables are ignored. `body` must leave both values there, and must
    /// not add keys to the table.
    ///
    /// - Throws: the error of `body`, which ends the loop.
    public func forEachPair<Failure>(at index: Int, _ body: () throws(Failure) -> Void) throws(Failure) {
        let (table, isReadOnly) = fields(at: index)
        defer { if isReadOnly { pop() } }
        pushNil()
        while next(at: table) {
            do {
                try body()
            } catch {
                pop(2)
                throw error
            }
            pop()
        }
    }
}
