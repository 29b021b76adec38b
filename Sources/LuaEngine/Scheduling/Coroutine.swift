import CWippyLua

/// A coroutine that the engine resumes: the main one of the call, or a spawned one.
final class Coroutine {
    let lua: OpaquePointer
    let key: Int32
    /// Continues the coroutine after a wait.
    var next: ((LuaStack) throws -> LuaVerdict)?
    /// The number of values with which the routine is resumed.
    ///
    /// Before the first run, these are the arguments of its function.
    var arguments: Int32 = 0
    /// The operation for which the routine waits, if nobody has begun it yet.
    var operation: (@Sendable () async -> Void)?
    var isOver = false
    var isReady = false

    init(_ lua: OpaquePointer, key: Int32) {
        self.lua = lua
        self.key = key
    }
}
