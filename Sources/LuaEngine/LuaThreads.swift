import WippyThreads

/// The engine's own threads, which all states share.
public enum LuaThreads {
    /// The pool for calls that have run for 10 ms without a wait, and for host functions that compute for long.
    ///
    /// It has one thread for each core of the process. Calls take turns of 10 ms, in order of arrival.
    public static let pool: any TaskExecutor = ThreadPool(name: "lua")
}
