import CWippyLua
import CWippyLuaShim
import Synchronization

/// The registry's keys of values whose Swift objects are gone.
///
/// An object may end on any thread. So the state releases the values later, on its own thread.
final class DroppedReferences: Sendable {
    private let keys = Mutex<[Int32]>([])

    func append(_ key: Int32) { keys.withLock { $0.append(key) } }

    /// - Returns: true if there were keys.
    func release(in lua: OpaquePointer) -> Bool {
        let dropped = keys.withLock { keys in
            defer { keys = [] }
            return keys
        }
        for key in dropped { luaL_unref(lua, wippy_lua_registry(), key) }
        return !dropped.isEmpty
    }
}
