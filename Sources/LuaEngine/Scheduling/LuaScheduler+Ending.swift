import CWippyLua
import CWippyLuaShim
import WippyCollections

/// The end of a call: its outcome, and what it leaves behind.
extension LuaScheduler {
    /// The failure of the call; nil if the call has succeeded and its results are on the main coroutine's stack.
    var outcome: LuaFailure? {
        switch shim.pointee.ending {
        case WIPPY_LUA_GOES_ON: return isPlain ? nil : failure
        case WIPPY_LUA_RAN_TOO_LONG: return ended(.ranTooLong, "the script ran too long without waiting")
        case WIPPY_LUA_CANCELLED: return ended(.cancelled, "the call was cancelled")
        default: return ended(.outOfMemory, "not enough memory")
        }
    }

    private func ended(_ reason: LuaFailure.Reason, _ message: String) -> LuaFailure {
        LuaFailure(reason, failure?.message ?? message, traceback: failure?.traceback ?? "")
    }

    /// The main coroutine's stack, which has the results.
    var results: LuaStack? { main.map { LuaStack($0.lua) } }

    /// Prepares the state for the next call, when the results have been read.
    ///
    /// - Returns: true if ``cleanUp()`` must be called first.
    func end() -> Bool {
        if shim.pointee.ending == WIPPY_LUA_BROKE_CEILING { isBroken = true }
        if !isPlain || isEnding { forgetRest() }
        if let main { lua_settop(main.lua, 0) }
        shim.pointee.ending = WIPPY_LUA_GOES_ON
        shim.pointee.out_of_memory = 0
        shim.pointee.overdue = 0
        shim.pointee.swollen = 0
        shim.pointee.run = 0
        shim.pointee.trigger = max(shim.pointee.limit, min(shim.pointee.trigger, shim.pointee.used))
        isBusy = !isPlain && !cleanups.isEmpty
        return isBusy
    }

    /// Ends everything of the call except its main coroutine.
    private func forgetRest() {
        background.cancelAll()
        if !coroutines.isEmpty || failure != nil || isEnding || main?.isOver != true { reset() }
        while let coroutine = ready.popFirst() { coroutine.isReady = false }
        failure = nil
    }

    /// Runs the cleanups that the call has left.
    func cleanUp() async {
        while let cleanup = cleanups.popLast() { await cleanup.cleanUp() }
        isBusy = false
    }

    /// Ends all coroutines, wherever they are.
    private func reset() {
        // If code of a `__close` field still runs meanwhile, it raises an error at once.
        if shim.pointee.ending == WIPPY_LUA_GOES_ON { shim.pointee.ending = WIPPY_LUA_CANCELLED }
        wippy_lua_enter(shim)
        wippy_lua_end_owned(lua)
        for coroutine in coroutines.values {
            coroutine.isOver = true
            luaL_unref(lua, wippy_lua_registry(), coroutine.key)
        }
        coroutines = [:]
        if let main {
            // A channel that outlives the call may still have it as a waiter.
            main.isOver = true
            wippy_lua_end(lua, main.lua)
            luaL_unref(lua, wippy_lua_registry(), main.key)
            self.main = nil
        }
        wippy_lua_leave(shim)
    }
}
