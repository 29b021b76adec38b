import CWippyLua
import CWippyLuaShim

/// A merge sort whose comparisons can call the script, and can be suspended.
///
/// It sorts a copy and writes the table at the end. If a comparison raises an error, the table does not change. If
/// comparisons contradict each other, the order is undefined.
final class Sorting: LuaContinuation {
    // The positions of values: the table at 1, the comparison at 2, the two halves of the work at 3 and 4.
    private let count: Int
    private var source = 3
    private var target = 4
    private var width = 1
    private var start = 0
    private var left = 0
    private var right = 0
    private var isPaused = false

    private init(count: Int) { self.count = count }

    static func sort(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.check(.table, at: 1)
        try stack.checkWritable(at: 1)
        stack.setCount(2)
        if !stack.isNil(at: 2) { try stack.check(.function, at: 2) }
        let count = stack.length(at: 1)
        guard count > 1 else { return .none }
        for _ in 0..<2 { stack.pushTable(elements: count) }
        for number in 1...count {
            stack.pushElement(number, at: 1)
            stack.setElement(number, at: 3)
        }
        let sorting = Sorting(count: count)
        sorting.right = 1
        stack.push(sorting)
        return try sorting.goOn(stack)
    }

    override func proceed(_ stack: LuaStack, at position: Int) throws -> LuaVerdict {
        if isPaused {
            isPaused = false
            return try goOn(stack)
        }
        let isRightFirst = stack.count > position && stack.isTrue(at: position + 1)
        stack.setCount(5)
        take(right: isRightFirst, on: stack)
        return try goOn(stack)
    }

    private var middle: Int { min(start + width, count) }
    private var end: Int { min(start + 2 * width, count) }

    private func take(right takesRight: Bool, on stack: LuaStack) {
        let place = left - start + right - middle + start
        stack.pushElement((takesRight ? right : left) + 1, at: source)
        stack.setElement(place + 1, at: target)
        if takesRight { right += 1 } else { left += 1 }
    }

    private func goOn(_ stack: LuaStack) throws -> LuaVerdict {
        while width < count {
            while left < middle, right < end {
                stack.pushElement(right + 1, at: source)
                stack.pushElement(left + 1, at: source)
                if let isLess = try isLess(stack) {
                    stack.setCount(5)
                    take(right: isLess, on: stack)
                    guard stack.isOverdue else { continue }
                    isPaused = true
                    return .pause
                }
                // The comparison function goes below its arguments.
                if stack.isNil(at: 2) {
                    stack.pushLess()
                } else {
                    stack.pushCopy(of: 2)
                }
                lua_rotate(stack.lua, -3, 1)
                return .call(arguments: 2)
            }
            while left < middle { take(right: false, on: stack) }
            while right < end { take(right: true, on: stack) }
            start += 2 * width
            if start >= count {
                (source, target) = (target, source)
                width *= 2
                start = 0
            }
            left = start
            right = middle
        }
        for number in 1...count {
            stack.pushElement(number, at: source)
            stack.setElement(number, at: 1)
        }
        return .none
    }

    /// Compares two numbers or two strings; nil if a script must compare the values.
    private func isLess(_ stack: LuaStack) throws -> Bool? {
        guard stack.isNil(at: 2) else { return nil }
        let types = (stack.type(at: -2), stack.type(at: -1))
        switch types {
        case (.number, .number), (.string, .string): return lua_compare(stack.lua, -2, -1, LUA_OPLT) != 0
        default:
            // A script compares two strings or numbers only if one of them has a `__lt`.
            for index in [-2, -1] where stack.pushMetafield("__lt", at: index) {
                stack.pop()
                return nil
            }
            let names = (stack.typeName(at: -2), stack.typeName(at: -1))
            throw LuaRaise(
                types.0 == types.1
                    ? "attempt to compare two \(names.0) values" : "attempt to compare \(names.0) with \(names.1)")
        }
    }
}

extension LuaStack {
    /// Pushes a function that returns true if the first of two values is less than the second.
    func pushLess() {
        _ = lua_rawgeti(lua, wippy_lua_registry(), lua_Integer(wippy_lua_state_of(lua).pointee.less))
    }
}
