import LuaEngine

extension ScriptModule {
    /// `stream`: an empty module.
    ///
    /// Streams come from other modules.
    static let stream = ScriptModule("stream", [])
}
