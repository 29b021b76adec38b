import WippyThreads

/// The engine's own threads, which all states share.
public enum LuaThreads {
    /// The threads for long work.
    ///
    /// A call goes on there when it has run for 10 ms without a wait, has reached its limit for memory, or begins a
    /// long computation of a host function. Other long work on a state can run there, too, such as the collection of
    /// its garbage. The pool has at most one thread for each core that the process may use.
    public static let pool: any TaskExecutor = ThreadPool(name: "lua")
}
