import WippyThreads

/// The engine's own threads, which all states share.
public enum LuaThreads {
    /// The threads for calls that have run for 10 ms without a wait or have reached their limit for memory, and for
    /// host functions that compute for long.
    ///
    /// The pool has at most one thread for each core that the process may use. Calls take turns on them.
    public static let pool: any TaskExecutor = ThreadPool(name: "lua")
}
