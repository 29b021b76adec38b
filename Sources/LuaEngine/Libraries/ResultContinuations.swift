/// Returns the first result of a call, or nil.
final class FirstResult: LuaContinuation {
    override func proceed(_ stack: LuaStack, at position: Int) -> LuaVerdict {
        stack.setCount(position + 1)
        return .one
    }
}

/// Returns all results of a call.
final class AllResults: LuaContinuation {
    override func proceed(_ stack: LuaStack, at position: Int) -> LuaVerdict {
        .results(stack.count - position)
    }
}
