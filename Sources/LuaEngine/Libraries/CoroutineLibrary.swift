import CWippyLua
import CWippyLuaShim

/// What the shim's coroutine functions do not have: routines that the engine runs.
enum CoroutineLibrary {
    static let members: [LuaMember] = [
        .function("spawn") { stack in
            try stack.check(.function, at: 1)
            stack.setCount(1)
            stack.state.scheduler.spawn(from: stack)
            return .one
        }
    ]
}
