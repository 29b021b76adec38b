import CWippyLua
import CWippyLuaShim
import Glibc

/// The functions of `math`, and the operators that work differently in wippy's Lua.
enum MathLibrary {
    static let members: [LuaMember] = [
        .value("huge", .number(.greatestFiniteMagnitude)),
        .function("pow") { stack in stack.give(pow(try stack.checkNumber(at: 1), try stack.checkNumber(at: 2))) },
        .function("log10") { stack in stack.give(log10(try stack.checkNumber(at: 1))) },
        .function("cosh") { stack in stack.give(cosh(try stack.checkNumber(at: 1))) },
        .function("sinh") { stack in stack.give(sinh(try stack.checkNumber(at: 1))) },
        .function("tanh") { stack in stack.give(tanh(try stack.checkNumber(at: 1))) },
        .function("atan2") { stack in stack.give(atan2(try stack.checkNumber(at: 1), try stack.checkNumber(at: 2))) },
        .function("frexp") { stack in
            let value = try stack.checkNumber(at: 1)
            guard value.isFinite, value != 0 else {
                stack.push(value)
                stack.push(0)
                return .results(2)
            }
            stack.push(value.significand / 2 * (value < 0 ? -1 : 1))
            stack.push(Int(value.exponent) + 1)
            return .results(2)
        },
        .function("ldexp") { stack in
            stack.give(scalbn(try stack.checkNumber(at: 1), Int(Int32(clamping: try stack.checkInteger(at: 2)))))
        },
        .function("mod") { stack in try remainder(stack) },
        .function("fmod") { stack in try remainder(stack) },
        .function("random") { stack in
            let low: Int
            let high: Int
            switch stack.count {
            case 0:
                return stack.give(Double.random(in: 0..<1))
            case 1: (low, high) = (1, try stack.checkInteger(at: 1))
            default: (low, high) = (try stack.checkInteger(at: 1), try stack.checkInteger(at: 2))
            }
            guard low <= high else { throw LuaRaise.argument(stack.count, "interval is empty") }
            return stack.give(Int.random(in: low...high))
        },
        .function("randomseed") { _ in .none },
    ]

    private static func remainder(_ stack: LuaStack) throws -> LuaVerdict {
        if stack.isInteger(at: 1), stack.isInteger(at: 2), let divisor = stack.integer(at: 2), divisor != 0 {
            stack.push(divisor == -1 ? 0 : (stack.integer(at: 1) ?? 0) % divisor)
        } else {
            stack.push(fmod(try stack.checkNumber(at: 1), try stack.checkNumber(at: 2)))
        }
        return .one
    }

    /// `%` and the shifts of wippy's Lua.
    static let operators = [
        HostFunction("%") { stack in
            if let left = stack.integer(at: 1), let right = stack.integer(at: 2), stack.isInteger(at: 1),
                stack.isInteger(at: 2), right != 0
            {
                let rest = right == -1 ? 0 : left % right
                return stack.give(rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest)
            }
            if let verdict = arithmetic("__mod", on: stack) { return verdict }
            let left = try operand(stack, 1, "perform arithmetic on")
            let right = try operand(stack, 2, "perform arithmetic on")
            var rest = fmod(left, right)
            if rest != 0, (rest < 0) != (right < 0) { rest += right }
            return stack.give(rest)
        },
        HostFunction("<<") { stack in
            if let verdict = arithmetic("__shl", on: stack) { return verdict }
            return try shift(stack, left: true)
        },
        HostFunction(">>") { stack in
            if let verdict = arithmetic("__shr", on: stack) { return verdict }
            return try shift(stack, left: false)
        },
    ]

    /// Calls the metamethod of an operand that is neither a number nor a text; nil if no such operand has it.
    private static func arithmetic(_ name: String, on stack: LuaStack) -> LuaVerdict? {
        for index in 1...2 where stack.type(at: index) != .number && stack.type(at: index) != .string {
            guard stack.pushMetafield(name, at: index) else { continue }
            stack.push(FirstResult())
            wippy_lua_insert(stack.lua, -2)
            stack.pushCopy(of: 1)
            stack.pushCopy(of: 2)
            return .call(arguments: 2)
        }
        return nil
    }

    private static func operand(_ stack: LuaStack, _ index: Int, _ doing: String) throws -> Double {
        var isNumber: Int32 = 0
        let value = lua_tonumberx(stack.lua, Int32(index), &isNumber)
        guard isNumber != 0 else { throw LuaRaise("attempt to \(doing) a \(stack.typeName(at: index)) value") }
        return value
    }

    private static func shift(_ stack: LuaStack, left: Bool) throws -> LuaVerdict {
        let doing = "perform bitwise operation on"
        let value = try whole(stack, 1, doing)
        let count = try whole(stack, 2, doing)
        // A shift to the right keeps the sign, but the result is 0 if all bits are shifted out.
        let places = left ? count : count == .min ? .max : -count
        if places >= 0 {
            stack.push(places >= 64 ? 0 : value << places)
        } else {
            stack.push(places <= -64 ? 0 : value >> -places)
        }
        return .one
    }

    private static func whole(_ stack: LuaStack, _ index: Int, _ doing: String) throws -> Int {
        if let value = stack.integer(at: index) { return value }
        return Int(cutting: try operand(stack, index, doing))
    }

    /// Makes `&`, `|` and `~` cut off fractions.
    ///
    /// Lua uses the numbers' metatable where it would otherwise raise an error.
    static func setNumberMetatable(on stack: LuaStack) {
        stack.push(0)
        stack.pushTable(fields: bitwise.count + 1)
        for function in bitwise {
            stack.push(function)
            stack.setField(function.name, at: -2)
        }
        stack.push(false)
        stack.setField("__metatable", at: -2)
        lua_setmetatable(stack.lua, -2)
        stack.pop()
    }

    private static let bitwise = [
        bitwise("__band") { $0 & $1 }, bitwise("__bor") { $0 | $1 }, bitwise("__bxor") { $0 ^ $1 },
        bitwise("__bnot") { value, _ in ~value },
    ]

    private static func bitwise(_ name: String, _ operation: @escaping @Sendable (Int, Int) -> Int) -> HostFunction {
        HostFunction(name) { stack in
            let doing = "perform bitwise operation on"
            // Lua asks the left operand first, even if the right operand is the table.
            if let verdict = arithmetic(name, on: stack) { return verdict }
            return stack.give(operation(try whole(stack, 1, doing), try whole(stack, 2, doing)))
        }
    }
}
