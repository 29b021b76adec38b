import CWippyLua
import CWippyLuaShim

/// Replaces values by their texts.
///
/// If a value has `__tostring`, the text comes from there.
final class Texts: LuaContinuation {
    private var next: Int
    private let last: Int
    private let body: (LuaStack) throws -> LuaVerdict

    private init(from first: Int, through last: Int, _ body: @escaping (LuaStack) throws -> LuaVerdict) {
        next = first
        self.last = last
        self.body = body
    }

    /// Replaces the values from position `first` on by their texts, and then calls `body`.
    ///
    /// If `onlyMetamethods` is true, only values with `__tostring` are replaced.
    static func make(
        on stack: LuaStack, from first: Int = 1, onlyMetamethods: Bool = false,
        then body: @escaping (LuaStack) throws -> LuaVerdict
    ) throws -> LuaVerdict {
        let last = stack.count
        var hasMetamethod = false
        if first <= last {
            try stack.reserve(8)
            for index in first...last {
                if stack.pushMetafield("__tostring", at: index) {
                    stack.pop()
                    hasMetamethod = true
                } else if !onlyMetamethods, stack.type(at: index) != .string {
                    stack.pushText(at: index)
                    wippy_lua_replace(stack.lua, Int32(index))
                }
            }
        }
        guard hasMetamethod else { return try body(stack) }
        let texts = Texts(from: first, through: last, body)
        stack.push(texts)
        return try texts.goOn(stack)
    }

    override func proceed(_ stack: LuaStack, at position: Int) throws -> LuaVerdict {
        stack.setCount(position + 1)
        if stack.type(at: position + 1) != .string {
            stack.pushText(at: position + 1)
        }
        wippy_lua_replace(stack.lua, Int32(next))
        next += 1
        return try goOn(stack)
    }

    private func goOn(_ stack: LuaStack) throws -> LuaVerdict {
        stack.setCount(last + 1)
        while next <= last {
            if stack.pushMetafield("__tostring", at: next) {
                stack.pushCopy(of: next)
                return .call(arguments: 1)
            }
            next += 1
        }
        stack.setCount(last)
        return try body(stack)
    }
}

extension LuaStack {
    /// Replaces all values on the stack by their texts, and then calls `body`.
    ///
    /// If a value has the metamethod `__tostring`, the text comes from there. `body` returns the verdict of the host
    /// function.
    public func withTexts(_ body: @escaping (LuaStack) throws -> LuaVerdict) throws -> LuaVerdict {
        try Texts.make(on: self, then: body)
    }
}
