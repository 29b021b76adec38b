import CWippyLua
import CWippyLuaShim

/// The functions of `coroutine` that the engine provides.
///
/// The shim provides the others.
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
