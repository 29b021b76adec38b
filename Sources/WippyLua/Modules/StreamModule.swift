import LuaEngine

extension ScriptModule {
    /// `stream`: an empty module.
    ///
    /// Other modules return streams.
    static let stream = ScriptModule("stream", [])
}
