public import WippyCommandLine

extension Array where Element == ProjectTemplate {
    /// The standard templates of `init`: `hello`, `task-queue` and `worker`.
    ///
    /// Their entries have standard kinds.
    public static var standard: [ProjectTemplate] { [.hello, .taskQueue, .worker] }
}
