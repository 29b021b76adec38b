import WippyText

/// A call with an argument that is a string literal: `sql.get("app:db")`.
public struct LuaLiteralCall: Sendable, Equatable {
    /// The called function, with the name of its module, such as `sql.get`.
    ///
    /// A local variable counts as the expression with which it is declared. After `local db = require("sql")`, the
    /// function of `db.get("app:db")` is `sql.get`. After `local executor = funcs.new()`, the function of
    /// `executor:call("app:f")` is `funcs.new():call`. A global variable counts as the module with its name.
    public let function: String

    /// The name of the module, or of the global function.
    var module: ExactText { LuaCall.module(of: function) }

    /// The value of the string.
    public let argument: String

    /// The number of the argument among the call's arguments, counted from one.
    public let position: Int

    /// The place where the string begins.
    public let location: LuaLocation

    /// True if the argument is the name of a module or library that the script requires.
    public var isOfRequire: Bool { position == 1 && ExactText.areEqual(function, "require") }
}
