/// A script in typed Lua: what its syntax says, without running it.
///
/// The dialect is Lua 5.4 with types, which mean nothing while a script runs (`local n: number = 1`, `x :: T`,
/// `x as T`, `x!`, `type T = …`, `interface T … end`), and with strings and numbers written as in wippy's Lua.
public struct LuaScript: Sendable {
    /// What is wrong, in the order of places; empty for a script that can be loaded.
    ///
    /// A mistake of syntax ends the reading, so there is at most one of these. What Lua itself finds when it compiles
    /// (a label that is not there, an assignment to a constant) is left to it.
    public let diagnostics: [LuaDiagnostic]

    /// The same script in plain Lua 5.4, each line in its place; nil when there are diagnostics.
    ///
    /// Types became spaces, so that columns stay, too, but for lines with an operator that became a call: then the
    /// functions that ``operators`` names must be reachable, best as variables around the script.
    public let text: [UInt8]?

    /// The calls with a string as their first argument, in the order of places; those inside of types do not count.
    public let literalCalls: [LuaLiteralCall]

    /// The names that ``text`` uses for `..`, `%`, `<<` and `>>`, whose meaning differs from Lua 5.4's; no variable of
    /// a script may have them.
    ///
    /// `__cat` takes two or more operands, the others take two; each returns one value.
    public static let operators = ["__cat", "__mod", "__shl", "__shr"]

    /// How deep blocks, expressions and types may stand in each other.
    public static let nestingMax = 200

    /// Reads a script.
    ///
    /// - Parameter source: any bytes; the time it takes grows with their count only.
    public init(_ source: [UInt8]) {
        var parser: Parser
        do throws(LuaDiagnostic) {
            parser = Parser(try Lexer(source))
            try parser.parseScript()
        } catch {
            diagnostics = [error]
            text = nil
            literalCalls = []
            return
        }
        diagnostics = parser.diagnostics
        text = diagnostics.isEmpty ? parser.edits.apply(to: source) : nil
        literalCalls = parser.literalCalls
    }

    /// The modules that the script asks for by name: the calls of `require`.
    public var requiredModules: [LuaLiteralCall] { literalCalls.filter { $0.function == "require" } }
}
