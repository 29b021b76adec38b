public import WippyText

/// A parsed script in typed Lua.
///
/// Parsing does not run the script.
///
/// The dialect is Lua 5.4 with types (`local n: number = 1`, `x :: T`, `x as T`, `x!`, `type T = …`, `interface T …
/// end`). Types have no effect while a script runs. Strings and numbers are written as in wippy's Lua. `<close>` is an
/// error. The words `as`, `asserts`, `extends`, `fun`, `interface`, `is`, `keyof`, `readonly` and `typeof` cannot name
/// variables.
public struct LuaScript: Sendable {
    /// The errors in the script, sorted by place; empty if there are none.
    ///
    /// The parser stops at the first syntax error. Then the list has only this error. Lua's compiler finds a few
    /// further errors, such as too many local variables.
    public let diagnostics: [LuaDiagnostic]

    /// The script in plain Lua 5.4, with the same line numbers; nil if there are diagnostics.
    ///
    /// Types become spaces, so most columns stay the same, too. The program that runs the script must provide the
    /// functions in ``operators``, for example as local variables around the script.
    public let text: [UInt8]?

    /// The string literals among the arguments of calls, in the order of the calls.
    ///
    /// The same calls count as in ``calls``. A call among the arguments of another call comes before that call.
    public let literalCalls: [LuaLiteralCall]

    /// The calls that name a function of a module or a global function, in order.
    ///
    /// A call can name the function through a local variable; see ``LuaLiteralCall/function``. A call among the
    /// arguments of another call comes before that call.
    ///
    /// Calls in types do not count. Calls through a global variable that the script sets do not count either, unless
    /// the variable holds the module with its name, as after `sql = require("sql")`.
    public let calls: [LuaCall]

    /// The names of the fields and methods that expressions use: `a.name`, `a:name()` and `a["name"]`.
    public let members: Set<ExactText>

    /// The returns that have a value and are outside of the script's functions, in order; empty if there are
    /// diagnostics.
    public let returns: [LuaReturn]

    /// The names of the functions that replace `..`, `%`, `<<` and `>>` in ``text``.
    ///
    /// In wippy's Lua, these operators work differently than in Lua 5.4. `__cat` takes two or more operands, and the
    /// other functions take two. Each returns one value. A script cannot have variables with these names.
    public static let operators = ["__cat", "__mod", "__shl", "__shr"]

    /// The largest depth of nested blocks, expressions and types: 200.
    public static let maxNesting = 200

    /// Reads a script.
    ///
    /// - Parameter source: the script's text, which may contain any bytes.
    public init(_ source: [UInt8]) {
        var parser: Parser
        do throws(LuaDiagnostic) {
            parser = Parser(try Lexer(source))
            try parser.parseScript()
        } catch {
            diagnostics = [error]
            text = nil
            literalCalls = []
            calls = []
            members = []
            returns = []
            return
        }
        diagnostics = parser.diagnostics
        text = diagnostics.isEmpty ? parser.edits.apply(to: source) : nil
        literalCalls = parser.foreignLiteralCalls
        calls = parser.foreignCalls
        members = parser.members
        returns = diagnostics.isEmpty ? parser.luaReturns : []
    }

    /// The calls of `require` with a string literal, whose arguments are the modules that the script requires.
    public var requiredModules: [LuaLiteralCall] { literalCalls.filter(\.isOfRequire) }
}
