import CWippyLua
import CWippyLuaShim
import WippyCollections

/// Runs the coroutines of a state's call one at a time, and performs the operations that they wait for.
final class LuaScheduler {
    let lua: OpaquePointer
    let shim: UnsafeMutablePointer<wippy_lua_state>
    var main: Coroutine?
    /// The coroutines that can run, in order of arrival.
    var ready = Deque<Coroutine>()
    var coroutines: [ObjectIdentifier: Coroutine] = [:]
    private(set) var current: Coroutine?
    var isBusy = false
    var isBroken = false
    var failure: LuaFailure?
    var background = BackgroundOperations()
    var cleanups = PendingCleanups()
    /// The number of waits that needed no task of their own.
    var directWaits = 0
    /// The values whose objects are gone.
    let dropped = DroppedReferences()

    /// True if the call has had only one coroutine so far, no failure and nothing to clean up, like most calls.
    ///
    /// Such a call skips the steps that only other calls need.
    var isPlain = true

    init(_ lua: OpaquePointer, _ shim: UnsafeMutablePointer<wippy_lua_state>) {
        self.lua = lua
        self.shim = shim
    }

    var isEnding: Bool { shim.pointee.ending != WIPPY_LUA_GOES_ON }

    func forgetAll() {
        ready = Deque()
        coroutines = [:]
        cleanups = PendingCleanups()
    }

    /// Pushes the function and its arguments on the call's main coroutine, and runs the coroutine as far as it goes.
    ///
    /// The arguments are pushed first, so that they begin at position 1 for `push`.
    func start(_ function: LuaReference, _ push: (LuaStack) throws -> Int) throws(LuaFailure) -> Progress {
        guard !isBroken else { throw LuaFailure(.unusable, "the Lua state ran out of memory and is not used again") }
        guard !isBusy else { throw LuaFailure(.unusable, "the Lua state runs another call") }
        isBusy = true
        isPlain = true
        let main = main ?? makeCoroutine()
        self.main = main
        _ = dropped.release(in: lua)
        main.isOver = false
        let stack = LuaStack(main.lua)
        do {
            main.arguments = Int32(try push(stack))
            stack.push(function)
            wippy_lua_insert(main.lua, -main.arguments - 1)
        } catch {
            stack.setCount(0)
            isBusy = false
            throw LuaFailure(raised: LuaError(error))
        }
        return run(main)
    }

    func makeReady(_ coroutine: Coroutine) {
        isPlain = false
        guard !coroutine.isReady else { return }
        coroutine.isReady = true
        ready.append(coroutine)
    }

    func makeCoroutine() -> Coroutine {
        let thread = wippy_lua_new_thread(lua)
        return Coroutine(thread, key: luaL_ref(lua, wippy_lua_registry()))
    }

    /// The progress of a call.
    enum Progress: Sendable {
        /// The main coroutine has returned, or something has failed.
        case ended
        /// Every coroutine waits.
        case blocked
        /// The call has used its slice of time and can go on.
        case slice
        /// The call must collect garbage before it goes on.
        case memory
    }

    /// Runs all coroutines that can run, without waiting.
    ///
    /// - Parameter first: the coroutine to resume before those that are ready.
    func run(_ first: Coroutine? = nil) -> Progress {
        wippy_lua_enter(shim)
        defer { wippy_lua_leave(shim) }
        var next = first ?? nextReady()
        while let coroutine = next {
            current = coroutine
            var results: Int32 = 0
            let status = wippy_lua_resume(shim, coroutine.lua, coroutine.arguments, &results)
            current = nil
            coroutine.arguments = 0
            switch status {
            case LUA_OK:
                coroutine.isOver = true
                if coroutine === main { return .ended }
                remove(coroutine)
            case LUA_YIELD:
                switch shim.pointee.outward {
                case WIPPY_LUA_OUTWARD_SLICE:
                    wippy_lua_note_time(shim)
                    makeReady(coroutine)
                    return .slice
                case WIPPY_LUA_OUTWARD_MEMORY:
                    makeReady(coroutine)
                    return .memory
                default: break
                }
            default:
                fail(coroutine)
                return .ended
            }
            if shim.pointee.overdue != 0 {
                // The slice ended between two coroutines.
                wippy_lua_note_time(shim)
                return .slice
            }
            next = nextReady()
        }
        return .blocked
    }

    /// Takes the first ready coroutine that is not over.
    private func nextReady() -> Coroutine? {
        guard !isPlain else { return nil }
        while let coroutine = ready.popFirst() {
            coroutine.isReady = false
            if !coroutine.isOver { return coroutine }
        }
        return nil
    }

    private func fail(_ coroutine: Coroutine) {
        coroutine.isOver = true
        let stack = LuaStack(coroutine.lua)
        let error = stack.error(at: -1)
        let text: String
        if let error {
            text = error.description
        } else {
            stack.pushText(at: -1)
            text = stack.withBytes(at: -1) { LuaFailure.text(of: $0) } ?? "?"
            stack.pop()
        }
        luaL_traceback(lua, coroutine.lua, nil, 0)
        let traceback = LuaStack(lua).string(at: -1) ?? ""
        LuaStack(lua).pop()
        fail(LuaFailure(.raised, text, error: error, traceback: traceback))
    }

    func fail(_ failure: LuaFailure) {
        isPlain = false
        self.failure = failure
    }

    private func remove(_ coroutine: Coroutine) {
        coroutines[ObjectIdentifier(coroutine)] = nil
        wippy_lua_own(lua, coroutine.lua, false)
        luaL_unref(lua, wippy_lua_registry(), coroutine.key)
    }
}
