/// A call whose first argument is a string that stands in the script: `sql.get("app:db")`.
public struct LuaLiteralCall: Sendable, Equatable {
    /// What is called, by the names of modules: `sql.get` for `db.get`, too, when the script says
    /// `local db = require("sql")`.
    ///
    /// A result is followed as well: after `local executor = funcs.new()`, the call `executor:call("app:f")` is one of
    /// `funcs.new():call`. A global variable is taken for the module of its name; other functions of the script itself
    /// do not count.
    public let function: String

    /// The value of the string.
    public let argument: String

    /// Where the string begins, with its quotes.
    public let location: LuaLocation

    /// A call that was found.
    public init(function: String, argument: String, location: LuaLocation) {
        self.function = function
        self.argument = argument
        self.location = location
    }
}
