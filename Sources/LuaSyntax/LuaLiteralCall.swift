/// A call whose first argument is a string literal: `sql.get("app:db")`.
public struct LuaLiteralCall: Sendable, Equatable {
    /// The called function, by the name of its module.
    ///
    /// It is `sql.get` also for `db.get`, if the script has `local db = require("sql")`. Results are followed too:
    /// after `local executor = funcs.new()`, the call `executor:call("app:f")` is `funcs.new():call`. A global variable
    /// is taken for the module of its name. The script's own functions do not count.
    public let function: String

    /// The value of the string.
    public let argument: String

    /// The place of the string's opening quote.
    public let location: LuaLocation

    /// Creates a call.
    public init(function: String, argument: String, location: LuaLocation) {
        self.function = function
        self.argument = argument
        self.location = location
    }
}
