/// Something that must not outlive its call: an open transaction, a statement, a handle.
public protocol LuaCleanup: AnyObject {
    /// Cleans up.
    ///
    /// The engine calls it once, after the call has ended.
    ///
    /// If the call has several cleanups, the latest runs first. ``LuaState/isCleanedUp(_:)`` withdraws a cleanup.
    func cleanUp() async
}
