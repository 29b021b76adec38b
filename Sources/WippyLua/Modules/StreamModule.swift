import LuaEngine

extension ScriptModule {
    /// `stream`: nothing of its own; streams come from what other modules read.
    static let stream = ScriptModule("stream", [])
}
