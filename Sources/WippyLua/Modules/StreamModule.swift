import LuaEngine

extension LuaModule {
    /// `stream`: nothing of its own; streams come from what other modules read.
    static let stream = LuaModule("stream", [])
}
