import CWippyLua
import CWippyLuaShim

/// What the functions that scripts call ask of the scheduler.
extension LuaScheduler {
    func suspend(for wait: LuaWait) {
        guard case .operation(let operation, then: let finish) = wait, let current else { return }
        current.operation = operation
        current.next = finish
    }

    /// Continues the current coroutine after its wait.
    func goOn(_ stack: LuaStack) throws -> LuaVerdict {
        guard let current, let next = current.next else { return .none }
        current.next = nil
        defer { if shim.pointee.stopped { current.next = next } }
        return try next(stack)
    }

    /// Wakes a coroutine that waits for an event.
    func wake(_ coroutine: Coroutine, _ next: @escaping (LuaStack) throws -> LuaVerdict) {
        coroutine.next = next
        makeReady(coroutine)
    }

    /// Pops the function on top of a stack, starts a coroutine with it, and pushes the coroutine's thread.
    func spawn(from stack: LuaStack) {
        if coroutines.isEmpty, let main { wippy_lua_own(lua, main.lua, true) }
        let coroutine = makeCoroutine()
        coroutines[ObjectIdentifier(coroutine)] = coroutine
        wippy_lua_own(lua, coroutine.lua, true)
        lua_xmove(stack.lua, coroutine.lua, 1)
        lua_pushthread(coroutine.lua)
        lua_xmove(coroutine.lua, stack.lua, 1)
        makeReady(coroutine)
    }

    func add(_ item: LuaBackground) throws(LuaRaise) {
        try background.add(item)
        isPlain = false
    }

    func add(_ cleanup: any LuaCleanup) {
        isPlain = false
        cleanups.add(cleanup)
    }

    func remove(_ cleanup: any LuaCleanup) {
        cleanups.remove(cleanup)
    }
}
