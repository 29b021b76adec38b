import CWippyLua
import CWippyLuaShim

extension LuaStack {
    /// The largest depth of nested tables in a value that is copied from Lua to Swift, read from JSON or written as
    /// JSON: 128.
    public static let maxDepth = 128

    /// Pushes a copy of a value.
    ///
    /// A part that is nested so deeply that the stack has no space for it becomes nil.
    public func push(_ value: LuaValue) {
        guard lua_checkstack(lua, 4) != 0 else { return pushNil() }
        switch value {
        case .nil: pushNil()
        case .bool(let value): push(value)
        case .integer(let value): push(value)
        case .number(let value): push(value)
        case .bytes(let bytes): push(bytes)
        case .array(let elements):
            pushTable(elements: elements.count)
            for (index, element) in elements.enumerated() {
                push(element)
                setElement(index + 1, at: -2)
            }
        case .object(let pairs):
            pushTable(fields: pairs.count)
            for (key, value) in pairs {
                push(key)
                push(value)
                lua_rawset(lua, -3)
            }
            if pairs.isEmpty { markAsObject(at: -1) }
        }
    }

    /// The largest number of values in a value that is copied from Lua to Swift: one million.
    ///
    /// Tables and keys count, too.
    public static let maxSize = 1_000_000

    /// Returns a copy of the value at a position.
    ///
    /// A table whose length is not 0 becomes an array. Its keys that are not elements are dropped. Any other table
    /// becomes an object. Functions, threads and Swift objects become nil. A table that occurs in several places is
    /// copied each time.
    ///
    /// - Throws: ``LuaRaise`` if tables are nested deeper than ``maxDepth`` or contain themselves, if the copy has more
    ///   than ``maxSize`` values or more bytes than the state may hold, if the stack has no more space, or if the copy
    ///   must stop; see ``mustStop``.
    public func value(at index: Int) throws(LuaRaise) -> LuaValue {
        var room = CopyRoom(of: self)
        return try value(at: index, depth: 0, &room)
    }

    /// The number of values and the number of bytes that a copy may still take.
    public struct CopyRoom {
        private let stack: LuaStack
        private var values = LuaStack.maxSize
        private var bytes: Int

        /// Sets the limits of one copy: ``LuaStack/maxSize`` values, and the bytes that the state may hold.
        public init(of stack: LuaStack) {
            self.stack = stack
            bytes = stack.state.roomForText
        }

        /// Counts one more value of the copy.
        ///
        /// - Parameter count: the number of bytes that the value holds. Default: 0.
        /// - Throws: ``LuaRaise`` if the copy is too large, or if it must stop; see ``LuaStack/mustStop``.
        public mutating func take(bytes count: Int = 0) throws(LuaRaise) {
            values -= 1
            bytes -= count
            guard values >= 0, bytes >= 0 else { throw LuaRaise("the value is too large") }
            if values & 0x3ff == 0, stack.mustStop { throw LuaRaise("the copy has been stopped") }
        }
    }

    /// Prepares the copy of a table.
    ///
    /// This method reserves space on the stack. If the table is read-only, it pushes a table with the fields.
    ///
    /// - Parameters:
    ///   - index: the position of the table.
    ///   - depth: the number of tables around this one.
    /// - Returns: the position of the table to read.
    /// - Throws: ``LuaRaise`` if the table is nested too deeply, or if the stack has no more space.
    public func enterTable(at index: Int, depth: Int) throws(LuaRaise) -> Int {
        guard depth < Self.maxDepth else { throw LuaRaise("the value is nested too deeply, or contains itself") }
        try reserve(6)
        return fields(at: index).index
    }

    private func value(at index: Int, depth: Int, _ room: inout CopyRoom) throws(LuaRaise) -> LuaValue {
        let type = type(at: index)
        try room.take(bytes: type == .string ? length(at: index) : 0)
        switch type {
        case .boolean: return .bool(isTrue(at: index))
        case .number where isInteger(at: index): return .integer(integer(at: index) ?? 0)
        case .number: return .number(number(at: index) ?? 0)
        case .string: return .bytes(bytes(at: index) ?? [])
        case .table:
            let top = count
            defer { setCount(top) }
            let table = try enterTable(at: index, depth: depth)
            let length = self.length(at: table)
            if length > 0 {
                var elements: [LuaValue] = []
                for number in 1...length {
                    pushElement(number, at: table)
                    elements.append(try value(at: -1, depth: depth + 1, &room))
                    pop()
                }
                return .array(elements)
            }
            var pairs: [(key: [UInt8], value: LuaValue)] = []
            try forEachPair(at: table) { () throws(LuaRaise) in
                pushText(at: -2)
                let key = bytes(at: -1) ?? []
                pop()
                try room.take(bytes: key.count)
                pairs.append((key, try value(at: -1, depth: depth + 1, &room)))
            }
            return .object(pairs)
        default: return .nil
        }
    }

    /// Marks the empty table at a position as an object without fields.
    ///
    /// The mark stays as long as the table lives.
    public func markAsObject(at index: Int) {
        let table = lua_absindex(lua, Int32(index))
        _ = lua_rawgeti(lua, wippy_lua_registry(), lua_Integer(state.objects))
        lua_pushvalue(lua, table)
        push(true)
        lua_rawset(lua, -3)
        pop()
    }

    /// True if the table at a position has the mark of ``markAsObject(at:)``.
    public func isMarkedAsObject(at index: Int) -> Bool {
        let table = lua_absindex(lua, Int32(index))
        _ = lua_rawgeti(lua, wippy_lua_registry(), lua_Integer(state.objects))
        lua_pushvalue(lua, table)
        let isMarked = lua_rawget(lua, -2) == LUA_TBOOLEAN
        pop(2)
        return isMarked
    }
}
