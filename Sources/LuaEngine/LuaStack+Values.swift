import CWippyLua
import CWippyLuaShim

extension LuaStack {
    /// How deep values that cross the border may be nested.
    public static let depthMax = 128

    /// Pushes a value.
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

    /// How many values, tables and keys counted, one that crosses the border may hold.
    public static let sizeMax = 1_000_000

    /// A copy of the value at a position.
    ///
    /// A table with an element 1 is an array up to its length, and its other keys are dropped; any other is an object.
    /// Functions, threads and Swift objects are nil.
    ///
    /// - Throws: if tables are nested deeper than ``depthMax``, or within themselves, and if the value is larger than
    ///   ``sizeMax`` or than what the state may hold: a table that stands in several places is copied as often.
    public func value(at index: Int) throws(LuaRaise) -> LuaValue {
        var room = CopyRoom(of: self)
        return try value(at: index, depth: 0, &room)
    }

    /// What a copy of a value may still take.
    public struct CopyRoom {
        private let stack: LuaStack
        private var values = LuaStack.sizeMax
        private var bytes: Int

        /// The room of one copy, of a value on this stack.
        public init(of stack: LuaStack) {
            self.stack = stack
            bytes = stack.state.roomForText
        }

        /// Takes room for one more value.
        ///
        /// - Parameter count: how many bytes it holds.
        public mutating func take(bytes count: Int = 0) throws(LuaRaise) {
            values -= 1
            bytes -= count
            guard values >= 0, bytes >= 0 else { throw LuaRaise("the value is too large") }
            if values & 0x3ff == 0, stack.mustStop { throw LuaRaise("the copy has been stopped") }
        }
    }

    /// Enters a table that is to be copied: makes room for its pairs, and pushes its fields if it is read-only.
    ///
    /// - Returns: the position of the table to read.
    public func enterTable(at index: Int, depth: Int) throws(LuaRaise) -> Int {
        guard depth < Self.depthMax else { throw LuaRaise("the value is nested too deeply, or contains itself") }
        try reserve(6)
        return fields(at: index).index
    }

    private func value(at index: Int, depth: Int, _ room: inout CopyRoom) throws(LuaRaise) -> LuaValue {
        try room.take()
        switch type(at: index) {
        case .boolean: return .bool(isTrue(at: index))
        case .number where isInteger(at: index): return .integer(integer(at: index) ?? 0)
        case .number: return .number(number(at: index) ?? 0)
        case .string:
            try room.take(bytes: length(at: index))
            return .bytes(bytes(at: index) ?? [])
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

    /// Remembers that an empty table stands for an object without fields, as long as the table lives.
    public func markAsObject(at index: Int) {
        let table = lua_absindex(lua, Int32(index))
        _ = lua_rawgeti(lua, wippy_lua_registry(), lua_Integer(state.objects))
        lua_pushvalue(lua, table)
        push(true)
        lua_rawset(lua, -3)
        pop()
    }

    /// Whether an empty table has been marked as an object.
    public func isMarkedAsObject(at index: Int) -> Bool {
        let table = lua_absindex(lua, Int32(index))
        _ = lua_rawgeti(lua, wippy_lua_registry(), lua_Integer(state.objects))
        lua_pushvalue(lua, table)
        let isMarked = lua_rawget(lua, -2) == LUA_TBOOLEAN
        pop(2)
        return isMarked
    }
}
