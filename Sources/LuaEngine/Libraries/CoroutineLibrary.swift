import CWippyLua
import CWippyLuaShim

/// Functions for coroutines that the engine runs.
///
/// The shim has the other coroutine functions.
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
