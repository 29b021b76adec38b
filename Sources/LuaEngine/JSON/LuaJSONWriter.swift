import CWippyLua
import CWippyLuaShim
import Glibc

/// Writes a value of a stack as JSON.
struct LuaJSONWriter: ~Copyable {
    let stack: LuaStack
    let maxBytes: Int
    var text = LuaTextBuffer(capacity: 256)
    /// The sorted keys of the last object at each depth.
    ///
    /// The rows of a query all have the same keys, so the keys are sorted only once.
    private var keys: [[Key]] = []
    /// The number of values written so far.
    private var count = 0

    /// A key of an object, whose bytes belong to Lua's string.
    struct Key {
        let bytes: UnsafeBufferPointer<UInt8>
        /// The key's index among the object's keys, in Lua's order.
        let number: Int32

        func precedes(_ other: Key) -> Bool {
            guard let own = bytes.baseAddress, let others = other.bytes.baseAddress else { return false }
            let order = memcmp(own, others, min(bytes.count, other.bytes.count))
            return order == 0 ? bytes.count < other.bytes.count : order < 0
        }
    }

    init(stack: LuaStack, maxBytes: Int) {
        self.stack = stack
        self.maxBytes = maxBytes
    }

    /// Exchanges the lists of keys for other lists, which are emptied.
    mutating func exchangeKeys(_ others: inout [[Key]]) {
        swap(&keys, &others)
        for depth in 0..<keys.count { keys[depth].removeAll(keepingCapacity: true) }
    }

    typealias Problem = LuaJSON.WritingError

    mutating func write(_ index: Int32, depth: Int) throws(Problem) {
        count &+= 1
        if count & 0x3ff == 0, stack.mustStop { throw Problem(problem: "the writing has been stopped") }
        let lua = stack.lua
        switch lua_type(lua, index) {
        case LUA_TBOOLEAN: text.append(lua_toboolean(lua, index) != 0 ? "true" as StaticString : "false")
        case LUA_TNUMBER:
            if lua_isinteger(lua, index) != 0 {
                text.append(Int(lua_tointegerx(lua, index, nil)))
            } else {
                writeFloat(lua_tonumberx(lua, index, nil))
            }
        case LUA_TSTRING: writeString(Self.bytes(lua, at: index))
        case LUA_TTABLE: try writeTable(index, depth: depth)
        case LUA_TUSERDATA:
            if let error = stack.error(at: Int(index)) {
                var message = error.message
                message.withUTF8 { writeString($0) }
            } else {
                text.append("null" as StaticString)
            }
        default: text.append("null" as StaticString)
        }
        guard text.count <= maxBytes else { throw Problem(problem: "the text is longer than \(maxBytes) bytes") }
    }

    /// The bytes of the string at a position.
    private static func bytes(_ lua: OpaquePointer, at index: Int32) -> UnsafeBufferPointer<UInt8> {
        var count = 0
        let start = lua_tolstring(lua, index, &count)
        return UnsafeBufferPointer(start: UnsafeRawPointer(start)?.assumingMemoryBound(to: UInt8.self), count: count)
    }

    /// Writes a float: as a whole number if it has no fraction, and with an exponent only if it is huge or tiny.
    private mutating func writeFloat(_ number: Double) {
        guard number.isFinite else { return text.append("null" as StaticString) }
        if let whole = Int(exactly: number) { return text.append(whole) }
        let (digits, exponent) = LuaNumber.decimal(number.magnitude)
        guard -7 < exponent, exponent < 21 else { return text.append(LuaNumber.text(of: number)) }
        if number < 0 { text.append(UInt8(ascii: "-")) }
        digits.withUnsafeBufferPointer { digits in
            if exponent < 0 {
                text.append("0." as StaticString)
                text.append(UInt8(ascii: "0"), times: -exponent - 1)
                text.append(digits)
            } else {
                let whole = min(exponent + 1, digits.count)
                text.append(UnsafeBufferPointer(rebasing: digits[..<whole]))
                text.append(UInt8(ascii: "0"), times: exponent + 1 - whole)
                if digits.count > whole {
                    text.append(UInt8(ascii: "."))
                    text.append(UnsafeBufferPointer(rebasing: digits[whole...]))
                }
            }
        }
    }

    /// Writes a string, and replaces invalid UTF-8 by U+FFFD.
    private mutating func writeString(_ bytes: UnsafeBufferPointer<UInt8>) {
        text.append(UInt8(ascii: "\""))
        let start = text.count
        if !text.appendEscaped(bytes), (try? UTF8Span(validating: bytes.span)) == nil {
            text.cut(to: start)
            var repaired = String(decoding: bytes, as: UTF8.self)
            _ = repaired.withUTF8 { text.appendEscaped($0) }
        }
        text.append(UInt8(ascii: "\""))
    }

    private mutating func writeTable(_ index: Int32, depth: Int) throws(Problem) {
        guard depth < LuaStack.maxDepth, lua_checkstack(stack.lua, 8) != 0 else {
            throw Problem(problem: "the value is nested too deeply, or contains itself")
        }
        let top = lua_gettop(stack.lua)
        defer { lua_settop(stack.lua, top) }
        let table = Int32(stack.fields(at: Int(index)).index)
        let length = Int(lua_rawlen(stack.lua, table))
        if length > 0 {
            try writeArray(table, length, depth: depth)
        } else {
            try writeObject(table, markedBy: index, depth: depth)
        }
    }

    /// Writes a table that has no element 1.
    ///
    /// Meanwhile, its keys and values are on the stack.
    private mutating func writeObject(_ table: Int32, markedBy index: Int32, depth: Int) throws(Problem) {
        let lua = stack.lua
        let first = lua_gettop(lua) + 1
        var count: Int32 = 0
        var areTexts = true
        lua_pushnil(lua)
        while lua_next(lua, table) != 0 {
            if lua_type(lua, -2) != LUA_TSTRING {
                areTexts = false
                guard lua_isinteger(lua, -2) == 0 || lua_tointegerx(lua, -2, nil) <= 0 else {
                    throw Problem(problem: "the list has gaps")
                }
            }
            guard lua_checkstack(lua, 8) != 0 else { throw Problem(problem: "an object has too many fields") }
            count += 1
            lua_pushvalue(lua, -2)
        }
        guard count > 0 else {
            return text.append(stack.isMarkedAsObject(at: Int(index)) ? "{}" as StaticString : "[]")
        }
        if areTexts { sortKeys(from: first, count: count, depth: depth) }
        for place in 0..<count {
            text.append(place == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
            let key: Int32
            if areTexts {
                key = first + 2 * keys[depth][Int(place)].number
                writeString(keys[depth][Int(place)].bytes)
            } else {
                // Keys that are truth values or numbers become text.
                key = first + 2 * place
                stack.pushText(at: Int(key))
                writeString(Self.bytes(lua, at: -1))
                stack.pop()
            }
            text.append(UInt8(ascii: ":"))
            try write(key + 1, depth: depth + 1)
        }
        text.append(UInt8(ascii: "}"))
    }

    /// Sorts the keys at every second position of the stack, if they differ from the keys of the last object.
    private mutating func sortKeys(from first: Int32, count: Int32, depth: Int) {
        let lua = stack.lua
        while keys.count <= depth { keys.append([]) }
        let areKnown =
            keys[depth].count == count
            && keys[depth].allSatisfy { key in
                // Lua keeps each short string once. A long string at another address counts as another key.
                Self.bytes(lua, at: first + 2 * key.number).baseAddress == key.bytes.baseAddress
            }
        guard !areKnown else { return }
        keys[depth].removeAll(keepingCapacity: true)
        for number in 0..<count {
            let key = Key(bytes: Self.bytes(lua, at: first + 2 * number), number: number)
            keys[depth].append(key)
            guard count <= 16 else { continue }
            // A few keys are inserted one by one, because that takes no memory.
            var place = Int(number)
            while place > 0, key.precedes(keys[depth][place - 1]) {
                keys[depth][place] = keys[depth][place - 1]
                place -= 1
            }
            keys[depth][place] = key
        }
        if count > 16 { keys[depth].sort { $0.precedes($1) } }
    }

    private mutating func writeArray(_ table: Int32, _ length: Int, depth: Int) throws(Problem) {
        let lua = stack.lua
        var count = 0
        var isMixed = false
        var hasGap = false
        lua_pushnil(lua)
        while lua_next(lua, table) != 0 {
            count += 1
            let number = lua_isinteger(lua, -2) != 0 ? Int(lua_tointegerx(lua, -2, nil)) : 0
            if number <= 0 { isMixed = true }
            if number > length { hasGap = true }
            lua_settop(lua, -2)
        }
        if isMixed { throw Problem(problem: "the table has both list elements and other keys") }
        if hasGap || count != length { throw Problem(problem: "the list has gaps") }
        for number in 1...length {
            text.append(number == 1 ? UInt8(ascii: "[") : UInt8(ascii: ","))
            lua_rawgeti(lua, table, lua_Integer(number))
            try write(lua_gettop(lua), depth: depth + 1)
            lua_settop(lua, -2)
        }
        text.append(UInt8(ascii: "]"))
    }
}
