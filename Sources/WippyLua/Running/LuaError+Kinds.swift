import LuaEngine

extension LuaError {
    /// An error for wrong arguments.
    ///
    /// The same call fails again.
    static func invalid(_ message: String) -> LuaError { .final("Invalid", message) }

    /// An error for something that does not exist.
    static func notFound(_ message: String) -> LuaError { .final("NotFound", message) }

    /// An error inside the module.
    ///
    /// The same call fails again.
    static func `internal`(_ message: String) -> LuaError { .final("Internal", message) }
}
