import LuaEngine

extension LuaError {
    /// What the caller passed is wrong; the same again fails again.
    static func invalid(_ message: String) -> LuaError { .final("Invalid", message) }

    /// What was asked for is not there.
    static func notFound(_ message: String) -> LuaError { .final("NotFound", message) }

    /// Something went wrong inside; the same again fails again.
    static func `internal`(_ message: String) -> LuaError { .final("Internal", message) }
}
