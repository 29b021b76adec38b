/// A resource that must not outlive its call, such as an open transaction or a statement.
public protocol LuaCleanup: AnyObject {
    /// Releases the resource.
    ///
    /// The engine calls this method once, after the call has ended. If the call has several cleanups, the one that was
    /// registered last runs first. ``LuaState/isCleanedUp(_:)`` withdraws a cleanup.
    func cleanUp() async
}
