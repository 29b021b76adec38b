import CWippyLua

/// A coroutine that the engine resumes: the call's main routine, or a spawned one.
final class Routine {
    let lua: OpaquePointer
    let key: Int32
    /// Continues the routine after a wait.
    var next: ((LuaStack) throws -> LuaVerdict)?
    /// The number of values to resume it with.
    ///
    /// Before its first run these are its function's arguments.
    var arguments: Int32 = 0
    /// The operation that it waits for, if nobody has begun it yet.
    var operation: (@Sendable () async -> Void)?
    var isOver = false
    var isReady = false

    init(_ lua: OpaquePointer, key: Int32) {
        self.lua = lua
        self.key = key
    }
}
