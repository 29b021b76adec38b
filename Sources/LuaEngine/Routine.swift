import CWippyLua

/// A coroutine that the engine resumes: the call's own, or a spawned one.
final class Routine {
    let lua: OpaquePointer
    let key: Int32
    /// What the routine does when it is resumed after a wait.
    var next: ((LuaStack) throws -> LuaVerdict)?
    /// How many values to resume it with: its function's arguments, before it has run.
    var arguments: Int32 = 0
    /// What it waits for and nobody has begun yet.
    var operation: (@Sendable () async -> Void)?
    var isOver = false
    var isReady = false

    init(_ lua: OpaquePointer, key: Int32) {
        self.lua = lua
        self.key = key
    }
}
