public import LuaEngine

extension LuaError {
    /// Creates an error for wrong arguments.
    ///
    /// Its `retryable` is false.
    public static func invalid(_ message: String) -> LuaError { .final("Invalid", message) }

    /// Creates an error for something that does not exist.
    ///
    /// Its `retryable` is false.
    public static func notFound(_ message: String) -> LuaError { .final("NotFound", message) }

    /// Creates an error for a failure inside the module.
    ///
    /// Its `retryable` is false.
    public static func `internal`(_ message: String) -> LuaError { .final("Internal", message) }

    /// The error of a script that goes on although its application has stopped.
    static var applicationStopped: LuaError { .final("Unavailable", "the application has stopped") }
}
