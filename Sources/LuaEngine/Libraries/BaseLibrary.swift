import CWippyLua
import CWippyLuaShim
import WippyText

/// The global functions of the standard library, such as `pairs` and `pcall`.
enum BaseLibrary {
    static let members: [LuaMember] = [
        .function("print") { stack in
            try Texts.make(on: stack) { stack in
                let texts = stack.count == 0 ? [] : (1...stack.count).map { stack.string(at: $0) ?? "" }
                stack.state.environment.print(stack, texts.joined(separator: " "))
                return .none
            }
        },
        .function("tostring") { stack in
            guard stack.count > 0 else { throw LuaRaise.argument(1, "value expected") }
            stack.setCount(1)
            guard stack.pushMetafield("__tostring", at: 1) else {
                stack.pushText(at: 1)
                return .one
            }
            // The result of the metamethod is returned, even if it is not a string.
            stack.setCount(2)
            stack.push(FirstResult())
            stack.pushCopy(of: 2)
            stack.pushCopy(of: 1)
            return .call(arguments: 1)
        },
        .function("tonumber") { stack in toNumber(stack) },
        .function("select") { stack in
            if stack.string(at: 1) == "#" {
                return stack.give(stack.count - 1)
            }
            let number = try stack.checkInteger(at: 1)
            let count = stack.count
            if number < 0, number > -count { return .results(-number) }
            guard number > 0 else { throw LuaRaise.argument(1, "index out of range") }
            return .results(max(count - number, 0))
        },
        .function("pairs") { stack in
            try stack.check(.table, at: 1)
            stack.setCount(1)
            wippy_lua_push_next(stack.lua)
            stack.pushCopy(of: 1)
            stack.pushNil()
            return .results(3)
        },
        .function("ipairs") { stack in
            guard stack.count > 0 else { throw LuaRaise.argument(1, "table expected, got no value") }
            stack.setCount(1)
            wippy_lua_push_next_element(stack.lua)
            stack.pushCopy(of: 1)
            stack.push(0)
            return .results(3)
        },
        .function("rawget") { stack in
            try stack.check(.table, at: 1)
            stack.setCount(2)
            let (table, _) = stack.fields(at: 1)
            stack.pushCopy(of: 2)
            lua_rawget(stack.lua, Int32(table))
            return .one
        },
        .function("rawset") { stack in
            try stack.check(.table, at: 1)
            stack.setCount(3)
            try stack.checkWritable(at: 1)
            guard !stack.isNil(at: 2) else { throw LuaRaise("table index is nil") }
            if let number = stack.number(at: 2), number.isNaN { throw LuaRaise("table index is NaN") }
            lua_rawset(stack.lua, 1)
            return .one
        },
        .function("getmetatable") { stack in
            guard stack.count > 0 else { throw LuaRaise.argument(1, "value expected") }
            guard lua_getmetatable(stack.lua, 1) != 0 else { return .none }
            if stack.pushField("__metatable", at: -1) != .nil { return .one }
            stack.pop()
            // The `__index` of the globals is internal to the engine.
            if stack.pushField("__index", at: -1) == .function, stack.isHost(stack.state.environment.findGlobal, at: -1)
            {
                return .none
            }
            stack.pop()
            return .one
        },
        .function("setmetatable") { stack in
            try stack.check(.table, at: 1)
            guard stack.type(at: 2) == .nil || stack.type(at: 2) == .table else {
                throw LuaRaise.argument(2, expected: "nil or table", got: stack.typeName(at: 2))
            }
            stack.setCount(2)
            if lua_getmetatable(stack.lua, 1) != 0 {
                guard stack.pushField("__metatable", at: -1) == .nil else {
                    throw LuaRaise("cannot change a protected metatable")
                }
                stack.setCount(2)
            }
            wippy_lua_push_globals(stack.lua)
            if lua_rawequal(stack.lua, 1, -1) != 0 { stack.state.makeAllModules(on: stack) }
            stack.setCount(2)
            if stack.isNil(at: 2) { lua_setmetatable(stack.lua, 1) } else { wippy_lua_set_metatable(stack.lua, 1) }
            return .one
        },
        .function("require") { stack in
            let name = try stack.checkString(at: 1)
            wippy_lua_push_globals(stack.lua)
            if stack.pushField(name, at: -1) != .nil { return .one }
            if stack.state.pushModule(name, on: stack) { return .one }
            throw LuaRaise("module '\(name)' not found")
        },
        .table(
            "package",
            [
                .value("path", ""), .value("cpath", ""),
                .function("loadlib") { _ in throw LuaRaise("package.loadlib is disabled") },
                .function("seeall") { _ in .none },
            ]),
    ]

    private static func toNumber(_ stack: LuaStack) -> LuaVerdict {
        if stack.isNil(at: 2) {
            switch stack.type(at: 1) {
            case .number: stack.pushCopy(of: 1)
            case .string:
                let isNumber: Bool =
                    stack.withBytes(at: 1) { bytes in
                        bytes.baseAddress.map {
                            lua_stringtonumber(stack.lua, UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                                == bytes.count + 1
                        } ?? false
                    } ?? false
                if !isNumber { stack.pushNil() }
            default: stack.pushNil()
            }
            return .one
        }
        if stack.type(at: 1) == .number {
            stack.pushCopy(of: 1)
            return .one
        }
        guard let base = stack.integer(at: 2), 2...36 ~= base, let text = stack.bytes(at: 1) else {
            stack.pushNil()
            return .one
        }
        var digits = text.drop { $0.isBlank }
        while let last = digits.last, last.isBlank { digits.removeLast() }
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        var value = 0
        for byte in digits {
            let digit: Int
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = Int(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = Int(byte - UInt8(ascii: "a")) + 10
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = Int(byte - UInt8(ascii: "A")) + 10
            default: digit = 99
            }
            guard digit < base else {
                stack.pushNil()
                return .one
            }
            value = value &* base &+ digit
        }
        if digits.isEmpty { stack.pushNil() } else { stack.push(isNegative ? 0 &- value : value) }
        return .one
    }
}

extension LuaStack {
    /// Pushes a field of a value's metatable.
    ///
    /// - Returns: false if there is no such field. Then nothing is pushed.
    func pushMetafield(_ name: String, at index: Int) -> Bool {
        guard lua_getmetatable(lua, Int32(index)) != 0 else { return false }
        if pushField(name, at: -1) == .nil {
            pop(2)
            return false
        }
        wippy_lua_remove(lua, -2)
        return true
    }

    func checkWritable(at index: Int) throws {
        let top = count
        let isReadOnly = fields(at: index).isReadOnly
        setCount(top)
        if isReadOnly { throw LuaRaise("attempt to modify Immutable table") }
    }

    /// True if the value at a position is this host function.
    func isHost(_ function: HostFunction, at index: Int) -> Bool {
        guard lua_getupvalue(lua, Int32(index), 1) != nil else { return false }
        defer { pop() }
        return lua_touserdata(lua, -1) == Unmanaged.passUnretained(function).toOpaque()
    }
}
