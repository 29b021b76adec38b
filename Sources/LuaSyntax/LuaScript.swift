/// A script in typed Lua, read without running it.
///
/// The dialect is Lua 5.4 with types, which mean nothing while a script runs (`local n: number = 1`, `x :: T`,
/// `x as T`, `x!`, `type T = …`, `interface T … end`), and with strings and numbers written as in wippy's Lua.
public struct LuaScript: Sendable {
    /// The mistakes, in the order of places; empty for a script that can be loaded.
    ///
    /// A syntax error ends the reading, so there is at most one of these. Lua itself finds other mistakes when it
    /// compiles, such as a missing label or an assignment to a constant.
    public let diagnostics: [LuaDiagnostic]

    /// The same script in plain Lua 5.4, each line in its place; nil when there are diagnostics.
    ///
    /// Types become spaces, so that columns stay too. A line changes its columns only if an operator in it becomes a
    /// call. Then the functions in ``operators`` must be reachable, best as variables around the script.
    public let text: [UInt8]?

    /// The calls with a string literal as their first argument, in order, except those inside types.
    public let literalCalls: [LuaLiteralCall]

    /// The names that ``text`` uses for `..`, `%`, `<<` and `>>`, which differ from Lua 5.4's.
    ///
    /// No variable of a script may have one of them.
    ///
    /// `__cat` takes two or more operands, the others take two; each returns one value.
    public static let operators = ["__cat", "__mod", "__shl", "__shr"]

    /// How deep blocks, expressions and types may nest.
    public static let nestingMax = 200

    /// Reads a script.
    ///
    /// - Parameter source: any bytes. Reading takes time linear in their number.
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
