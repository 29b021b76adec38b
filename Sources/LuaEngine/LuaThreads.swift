import WippyThreads

/// The engine's own threads, which all states share.
public enum LuaThreads {
    /// Where a call goes on that has run for 10 ms without waiting, and where host functions compute for long.
    ///
    /// It has as many threads as the process has cores. Calls take turns of 10 ms on them, in order of arrival.
    public static let pool: any TaskExecutor = ThreadPool(name: "lua")
}
