import CWippyLua
import CWippyLuaShim
import Synchronization

/// The registry's keys of values that Swift objects have held which are gone: the state lets go of them when it is next
/// at leave, since an object may go on any thread.
final class DroppedReferences: Sendable {
    private let keys = Mutex<[Int32]>([])

    func append(_ key: Int32) { keys.withLock { $0.append(key) } }

    /// - Returns: whether there were any.
    func release(in lua: OpaquePointer) -> Bool {
        let dropped = keys.withLock { keys in
            defer { keys = [] }
            return keys
        }
        for key in dropped { luaL_unref(lua, wippy_lua_registry(), key) }
        return !dropped.isEmpty
    }
}
