import CWippyLua
import CWippyLuaShim
import WippyText

/// `string`: positions count bytes from one, a search has a limited number of steps, and `format` works as in wippy's
/// Lua.
enum StringLibrary {
    static let members: [LuaMember] = [
        .function("byte") { stack in
            try stack.checkText(at: 1)
            let length = stack.length(at: 1)
            let first = start(try stack.checkInteger(at: 2, default: 1), in: length)
            let last = end(
                try stack.checkInteger(at: 3, default: stack.isNil(at: 2) ? -1 : try stack.checkInteger(at: 2)),
                in: length)
            guard first <= last else { return .results(0) }
            guard (try? stack.reserve(last - first + 1)) != nil else { throw LuaRaise("string slice too long") }
            _ = stack.withBytes(at: 1) { bytes in
                for index in first...last { stack.push(Int(bytes[index - 1])) }
            }
            return .results(last - first + 1)
        },
        .function("char") { stack in
            var bytes: [UInt8] = []
            for index in 0..<stack.count {
                bytes.append(UInt8(truncatingIfNeeded: try stack.checkInteger(at: index + 1)))
            }
            return stack.give(bytes)
        },
        .function("sub") { stack in
            try stack.checkText(at: 1)
            let length = stack.length(at: 1)
            let first = start(try stack.checkInteger(at: 2, default: 1), in: length)
            let last = end(try stack.checkInteger(at: 3, default: -1), in: length)
            if first > last {
                stack.push("" as StaticString)
            } else {
                _ = stack.withBytes(at: 1) { stack.push(UnsafeBufferPointer(rebasing: $0[(first - 1)..<last])) }
            }
            return .one
        },
        .function("rep") { stack in try rep(stack) },
        .function("reverse") { stack in stack.give(Array(try stack.checkBytes(at: 1).reversed())) },
        .function("lower") { stack in try changeCase(stack, ascii: UInt8(ascii: "A")) { $0.properties.lowercaseMapping }
        },
        .function("upper") { stack in try changeCase(stack, ascii: UInt8(ascii: "a")) { $0.properties.uppercaseMapping }
        },
        .function("format") { stack in
            try stack.checkText(at: 1)
            return try Texts.make(on: stack, from: 2, onlyMetamethods: true) { stack in
                stack.give(try Format.text(of: stack))
            }
        },
        .function("find") { stack in try Patterns.find(stack) },
        .function("match") { stack in try Patterns.match(stack) },
        .function("gmatch") { stack in try Patterns.allMatches(stack) },
        .function("gfind") { stack in try Patterns.allMatches(stack) },
        .function("gsub") { stack in try Substitution.substitute(stack) },
        .function("pack") { stack in try pack(stack, with: \.pack) },
        .function("packsize") { stack in try pack(stack, with: \.packsize) },
    ]

    /// Returns the first position of a slice.
    ///
    /// Positions count from one.
    private static func start(_ position: Int, in length: Int) -> Int {
        position > 0 ? position : position == 0 || position < -length ? 1 : length + position + 1
    }

    /// Returns the last position of a slice.
    private static func end(_ position: Int, in length: Int) -> Int {
        position > length ? length : position >= 0 ? position : position < -length ? 0 : length + position + 1
    }

    /// The length in bytes from which it takes more than a moment to write a text.
    private static let longText = 1 << 20

    private static func rep(_ stack: LuaStack) throws -> LuaVerdict {
        let text = try stack.checkBytes(at: 1)
        let count = max(try stack.checkInteger(at: 2), 0)
        let separator = stack.isNil(at: 3) ? [] : try stack.checkBytes(at: 3)
        let (length, isTooLong) = (text.count + separator.count).multipliedReportingOverflow(by: count)
        guard !isTooLong, length <= stack.state.roomForText else { throw LuaRaise("resulting string too large") }
        // An empty result takes no time.
        guard length > 0 else {
            return stack.give("" as StaticString)
        }
        if length > longText, stack.mustGoAway { return .none }
        var result: [UInt8] = []
        result.reserveCapacity(length)
        result += text + separator
        while result.count < length { result += result.prefix(length - result.count) }
        result.removeLast(separator.count)
        return stack.give(result)
    }

    /// Changes the case of Unicode letters that map to one letter.
    ///
    /// Bytes that are not UTF-8 do not change.
    private static func changeCase(
        _ stack: LuaStack, ascii first: UInt8, _ mapping: (Unicode.Scalar) -> String
    ) throws -> LuaVerdict {
        var bytes = try stack.checkBytes(at: 1)
        if bytes.allSatisfy({ $0 < 0x80 }) {
            for index in bytes.indices where first...(first + 25) ~= bytes[index] { bytes[index] ^= 0x20 }
            return stack.give(bytes)
        }
        var result: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            var decoder = UTF8()
            var iterator = rest.makeIterator()
            guard case .scalarValue(let scalar) = decoder.decode(&iterator) else {
                result.append(rest.removeFirst())
                continue
            }
            let mapped = mapping(scalar)
            result += mapped.unicodeScalars.count == 1 ? Array(mapped.utf8) : Array(String(scalar).utf8)
            rest.removeFirst(UTF8.width(scalar))
        }
        return stack.give(result)
    }

    /// Calls Lua's own function, except if the format asks for an enormous text.
    private static func pack(
        _ stack: LuaStack, with function: KeyPath<wippy_lua_state, Int32>
    ) throws -> LuaVerdict {
        try stack.checkText(at: 1)
        let isModest: Bool? = stack.withBytes(at: 1) { bytes in
            var total = 0
            var number = 0
            for byte in bytes {
                guard byte.isDigit else {
                    total += number
                    number = 0
                    continue
                }
                number = min(number * 10 + Int(byte - UInt8(ascii: "0")), 1 << 40)
            }
            return total + number <= 1 << 20
        }
        guard isModest == true else { throw LuaRaise.argument(1, "format result too large") }
        let count = stack.count
        stack.push(AllResults())
        stack.push(LuaReference(key: wippy_lua_state_of(stack.lua).pointee[keyPath: function]))
        for index in 0..<count { stack.pushCopy(of: index + 1) }
        return .call(arguments: count)
    }
}
