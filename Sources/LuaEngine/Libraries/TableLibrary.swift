import CWippyLua
import CWippyLuaShim

/// `table`: functions that ignore metatables, and that rarely raise an error.
enum TableLibrary {
    static let members: [LuaMember] = [
        .function("insert") { stack in try insert(stack) },
        .function("remove") { stack in try remove(stack) },
        .function("concat") { stack in try concatenate(stack) },
        .function("sort") { stack in try Sorting.sort(stack) },
        .function("unpack") { stack in try unpack(stack) },
        .function("move") { stack in try move(stack) },
        .function("getn") { stack in
            try stack.check(.table, at: 1)
            return stack.give(stack.length(at: 1))
        },
        .function("maxn") { stack in
            try stack.check(.table, at: 1)
            var greatest = 0.0
            stack.forEachPair(at: 1) {
                if let number = stack.number(at: -2) { greatest = max(greatest, number) }
            }
            if let whole = Int(exactly: greatest) { stack.push(whole) } else { stack.push(greatest) }
            return .one
        },
        .function("create") { stack in
            // The requested size is only a hint. The table takes more memory when it is filled.
            stack.pushTable(
                elements: min(max(try stack.checkInteger(at: 1, default: 0), 0), 1 << 16),
                fields: min(max(try stack.checkInteger(at: 2, default: 0), 0), 1 << 16))
            return .one
        },
        .function("freeze") { stack in try freeze(stack) },
        .function("isfrozen") { stack in
            try stack.check(.table, at: 1)
            return stack.give(stack.fields(at: 1).isReadOnly)
        },
    ]

    private static func insert(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.check(.table, at: 1)
        try stack.checkWritable(at: 1)
        let length = stack.length(at: 1)
        switch stack.count {
        case 1: throw LuaRaise("wrong number of arguments to 'insert'")
        case 2: stack.setElement(length + 1, at: 1)
        default:
            let position = try stack.checkInteger(at: 2)
            stack.setCount(3)
            if position >= 1, position <= length {
                for number in stride(from: length, through: position, by: -1) {
                    stack.pushElement(number, at: 1)
                    stack.setElement(number + 1, at: 1)
                }
            }
            stack.setElement(position, at: 1)
        }
        return .none
    }

    private static func remove(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.check(.table, at: 1)
        try stack.checkWritable(at: 1)
        let length = stack.length(at: 1)
        var position = try stack.checkInteger(at: 2, default: length)
        if position <= 0 { position = length }
        stack.pushElement(position, at: 1)
        guard position >= 1, position <= length else { return .one }
        if position < length {
            for number in position..<length {
                stack.pushElement(number + 1, at: 1)
                stack.setElement(number, at: 1)
            }
        }
        stack.pushNil()
        stack.setElement(length, at: 1)
        return .one
    }

    private static func concatenate(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.check(.table, at: 1)
        let separator = stack.isNil(at: 2) ? [] : try stack.checkBytes(at: 2)
        let first = try stack.checkInteger(at: 3, default: 1)
        let table = stack.fields(at: 1).index
        let length = stack.length(at: table)
        let last = min(try stack.checkInteger(at: 4, default: length), length)
        guard max(first, 1) <= last else {
            return stack.give("" as StaticString)
        }
        let room = stack.state.roomForText
        var text: [UInt8] = []
        for number in max(first, 1)...last {
            stack.pushElement(number, at: table)
            if stack.type(at: -1) != .string {
                guard stack.type(at: -1) == .number || stack.error(at: -1) != nil else {
                    throw LuaRaise("invalid value (\(stack.typeName(at: -1))) at index \(number) in table for 'concat'")
                }
                stack.pushText(at: -1)
                wippy_lua_remove(stack.lua, -2)
            }
            if number > max(first, 1) { text += separator }
            _ = stack.withBytes(at: -1) { text += $0 }
            guard text.count <= room else { throw LuaRaise("not enough memory") }
            stack.pop()
        }
        return stack.give(text)
    }

    private static func unpack(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.check(.table, at: 1)
        let first = try stack.checkInteger(at: 2, default: 1)
        let table = stack.fields(at: 1).index
        let last =
            stack.count >= 3 && !stack.isNil(at: 3) && table != 3
            ? try stack.checkInteger(at: 3) : stack.length(at: table)
        guard first <= last else { return .results(0) }
        let (distance, isTooFar) = last.subtractingReportingOverflow(first)
        guard !isTooFar, distance < 1_000_000, (try? stack.reserve(distance + 1)) != nil else {
            throw LuaRaise("too many results to unpack")
        }
        for number in first...last { stack.pushElement(number, at: table) }
        return .results(distance + 1)
    }

    private static func move(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.check(.table, at: 1)
        let first = try stack.checkInteger(at: 2)
        let last = try stack.checkInteger(at: 3)
        let start = try stack.checkInteger(at: 4)
        let target = stack.isNil(at: 5) ? 1 : 5
        try stack.check(.table, at: target)
        try stack.checkWritable(at: target)
        stack.setCount(5)
        let source = stack.fields(at: 1).index
        if first <= last {
            // All elements past the length are nil, so a range that is much longer than the table is an error.
            let (distance, isTooFar) = last.subtractingReportingOverflow(first)
            guard !isTooFar, distance <= 10_000_000, !start.addingReportingOverflow(distance).overflow else {
                throw LuaRaise.argument(3, "too many elements to move")
            }
            let isBackwards = start > first && start <= last && source == target
            for step in 0...distance {
                let offset = isBackwards ? distance - step : step
                stack.pushElement(first + offset, at: source)
                stack.setElement(start + offset, at: target)
            }
        }
        stack.pushCopy(of: target)
        return .one
    }

    /// Makes a table read-only, by moving its fields to a table behind it.
    private static func freeze(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.check(.table, at: 1)
        stack.setCount(1)
        if stack.fields(at: 1).isReadOnly {
            stack.setCount(1)
            return .one
        }
        let lua = stack.lua
        let hadMetatable = lua_getmetatable(lua, 1) != 0
        if hadMetatable, stack.pushField("__metatable", at: 2) != .nil {
            throw LuaRaise("cannot freeze a table with a protected metatable")
        }
        stack.setCount(1)
        stack.pushTable()
        stack.forEachPair(at: 1) {
            stack.pushCopy(of: -2)
            stack.pushCopy(of: -2)
            lua_rawset(lua, 2)
        }
        stack.forEachPair(at: 2) {
            stack.pushCopy(of: -2)
            stack.pushNil()
            lua_rawset(lua, 1)
        }
        if lua_getmetatable(lua, 1) != 0 { lua_setmetatable(lua, 2) }
        stack.finishReadOnly(table: 1, fields: 2)
        stack.setCount(1)
        return .one
    }
}
