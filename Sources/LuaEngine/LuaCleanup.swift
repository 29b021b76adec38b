/// What a call must not leave behind: an open transaction, a statement, a handle.
public protocol LuaCleanup: AnyObject {
    /// Called once after the call has ended, unless it was taken back; the latest first.
    func cleanUp() async
}
