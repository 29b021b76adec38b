import LuaSyntax
import Testing

/// What becomes of each part of the dialect.
struct ErasureTests {
    @Test(
        arguments: [
            // Types become spaces.
            ("local a: number, b: string? = 1, nil", "local a        , b          = 1, nil"),
            ("local x <const>: number = 1", "local x <const>         = 1"),
            ("function f(x: number, ...: any) end", "function f(x        , ...     ) end"),
            ("function M.f(): (number, string) return 1 end", "function M.f()                   return 1 end"),
            ("function M:is(): A, B.C return 1 end", "function M:is()         return 1 end"),
            (
                "local function id<T: {id: string}>(x: T): T return x end",
                "local function id                 (x   )    return x end"
            ),
            ("f(function<T>(x: T) end)", "f(function   (x   ) end)"),
            ("local m: {[string]: Map<K, List<V>>} = {}", "local m                              = {}"),
            ("local g: (number, string) -> (boolean, string)", "local g                                       "),
            ("local g: ((number) -> boolean)?", "local g                        "),
            ("local g: fun(a: T, ...any): R | nil", "local g                            "),
            ("local u: \"a\" | 'b' & {x: number, y?: T,}[]", "local u                                   "),
            ("local u: A extends B ? C : D", "local u                     "),
            (
                "local u: T[\"name\"], v: keyof(T), w: typeof(a.b[1])",
                "local u           , v          , w                "
            ),
            ("local function p(v: any): asserts v is string end", "local function p(v     )                      end"),
            ("local a: string?\nb = 1", "local a         \nb = 1"),
            ("local a: {\n\tx: number, -- why\r\n}\nb = 1", "local a   \n\t                 \r\n \nb = 1"),
            ("local é = 1", nil),
            ("local a: \"é\" = 1", "local a       = 1"),
            // Declarations; what stood before must not go on with what comes behind.
            (
                "a = f\ntype T = {id: string @min_len(2), age?: number}\n(g)()",
                "a = f\n;" + String(repeating: " ", count: 46) + "\n(g)()"
            ),
            ("type Box<T> = {value: T} x = 1", ";                        x = 1"),
            ("local a: T<U>=1", "local a      =1"), ("local a: (A<B>) -> C<D>=1", "local a                =1"),
            ("type Two<T>= Map<string, List<T>>", ";                                "),
            (
                "interface S: N, M function area(self: S): number function is() end\nx = 1",
                ";                                                                 \nx = 1"
            ),
            ("type(x) type = 1 x.type = type", "type(x) type = 1 x.type = type"),
            ("local type = type; return type == 1", "local type = type; return type == 1"),
            // Casts.
            ("return x :: number + 1", "return x           + 1"),
            ("return (x as User).name, x!", "return (x        ).name, x "),
            ("return f() :: T", "return (f())     "),
            ("t = {f()!}", "t = {(f()) }"),
            ("return f(...) as T, ... :: T", "return (f(...))     , (...)     "),
            ("a = x!\n(g or h)()", "a = x;\n(g or h)()"),
            ("a = f() :: T\n(g or h)()", "a = (f()) ;   \n(g or h)()"),
            ("return -x :: T, a + b as T", "return -x     , a + b     "),
            ("return{f()!}", "return{(f()) }"),
            ("if f()!then end", "if (f()) then end"),
            ("::top:: goto top", "::top:: goto top"),
            // Statements.
            ("f() (g())", "f() (g())"),
            ("x = 1 (f());", "x = 1 ;f() ;"),
            ("do end (f(x))", "do end ;f(x) "),
            ("do end ( (f(x)) )", "do end ;  f(x)   "),
            ("; ((g or h)())", "; ;(g or h)() "),
            // Strings and numbers.
            (#"return "\.\d+", '\z\x41'"#, #"return ".d+"  , 'zx41'  "#),
            (#"return "\n\065\\\"" "#, #"return "\n\065\\\"" "#),
            ("return 010, 0010, 009, 0.10", "return 010, 8   , 009, 0.10"),
            ("return [==[ \\. ]] ]==]", "return [==[ \\. ]] ]==]"),
            // Operators.
            ("return a .. b", "return __cat(a ,  b)"),
            ("return\"a\"..b..f()", "return __cat(\"a\", b, (f()))"),
            ("return 'a' .. 'b'", "return 'a' .. 'b'"),
            ("return a .. b + c .. ... == d", "return __cat(a ,  b + c ,  (...)) == d"),
            ("return (a .. b) .. {c .. d}", "return __cat((__cat(a ,  b)) ,  {__cat(c ,  d)})"),
            ("return x .. f()!", "return __cat(x ,  (f()) )"),
            ("return f()! .. x", "return __cat((f())  ,  x)"),
            (
                "return a % b, a % 2, a % -2, a % 0, a % 0.0",
                "return __mod(a , b), a % 2, a % -2, __mod(a , 0), __mod(a , 0.0)"
            ),
            ("return a % b % c * d", "return __mod(__mod(a , b) , c) * d"),
            ("return -a ^ 2 % #t", "return __mod(-a ^ 2 , #t)"),
            ("return a >> 1, a << 2, a << n, a << -1", "return __shr(a ,  1), a << 2, __shl(a ,  n), __shl(a ,  -1)"),
            ("return a % b >> c .. d", "return __shr(__mod(a , b) ,  __cat(c ,  d))"),
            ("return a\n.. -- and\nb", "return __cat(a\n,  -- and\nb)"),
        ] as [(String, String?)])
    func becomes(source: String, expected: String?) {
        let script = LuaScript(Array(source.utf8))
        #expect(script.text.map { String(decoding: $0, as: UTF8.self) } == expected, "\(script.diagnostics)")
    }

    @Test(arguments: [
        (
            "local x <close> = f()",
            "1:9: '<close>' is not part of this Lua: close the value yourself, also when an error is raised"
        ),
        ("local x <closed> = f()", "1:9: there is no attribute '<closed>': did you mean '<const>'?"),
        ("if x != 1 then end", "1:6: write '~=' for 'is not equal to'"),
        ("local x = 1 goto out", "1:13: there is no label 'out' that this 'goto' can reach"),
        ("do ::inner:: end\n goto inner", "2:2: there is no label 'inner' that this 'goto' can reach"),
        (
            "::outer:: local f = function()\n  goto outer\nend",
            "2:3: there is no label 'outer' that this 'goto' can reach"
        ),
        (
            "do\n goto next\n local y = 1\n ::next::\n f(y)\nend",
            "2:2: this 'goto' jumps into the scope of the variable 'y'"
        ),
        ("::a:: do ::b:: end do ::b:: ::a:: end", "1:29: the label 'a' exists already"),
        ("function f(a) return ... end", "1:22: this '...' is in a function whose parameters do not end with '...'"),
        ("if x then\n  break\nend", "2:3: this 'break' is in no loop that it could leave"),
        (
            "while x do local f = function() break end end",
            "1:33: this 'break' is in no loop that it could leave"
        ),
        ("local x <const> = 1\nx = x + 1", "2:1: you cannot assign to 'x', which is declared with <const>"),
        ("local a, b <const> = 1, 2 a, b = 3, 4", "1:30: you cannot assign to 'b', which is declared with <const>"),
        (
            "local x <const> = 1\nlocal function f()\n  x = 2\nend",
            "3:3: you cannot assign to 'x', which is declared with <const>"
        ),
        ("local f <const> = 1\nfunction f() end", "2:10: you cannot assign to 'f', which is declared with <const>"),
        ("functoin f() end", "1:10: unexpected symbol near 'f': did you mean 'function'?"),
        ("\n  lcoal x = 1", "2:9: unexpected symbol near 'x': did you mean 'local'?"),
        ("local is = 1", "1:7: 'is' is a reserved word here: give the variable another name"),
        ("return as + 1", "1:8: 'as' is a reserved word here: give the variable another name"),
        ("interface 'x'", "1:1: 'interface' is a reserved word here: give the variable another name"),
        ("::end::", "1:1: unexpected symbol near '::'"),
        ("local __mod = 1", "1:7: the runtime reserves the name '__mod': give the variable another name"),
        ("for i: number = 1, 2 do end", "1:6: the variables of 'for' take no type: leave the type out"),
        ("for i = 1 do end", "1:11: a numeric 'for' takes 2 or 3 numbers, got 1"),
        ("f() = 1", "1:1: you can assign only to a variable or a field"),
        ("if x then\n f()\n", "3:1: 'end' expected (to close 'if' at line 1) near <eof>"),
        ("f(\n1", "2:2: ')' expected (to close '(' at line 1) near <eof>"),
        ("return 'a\nb'", "1:8: this string is never closed: ' is missing"),
        ("x = [==[ ]]", "1:5: this long string is never closed: ']==]' is missing"),
        ("--[[ x", "1:3: this long comment is never closed: ']]' is missing"),
        ("return 3x", "1:8: malformed number near '3x'"),
        ("return '\\300'", "1:9: '\\300' is not a byte: it is above 255"),
        ("x = é", "1:5: unexpected symbol near '\u{fffd}'"),
        (
            "type P = {x: number}\nreturn P:is(v), P(v)",
            "2:8: 'P' is a type: types are erased and have no value when the script runs"
        ),
        ("local x: = 1", "1:10: a type expected near '='"),
        ("return x ? 1", "1:10: '<eof>' expected near '?'"),
        ("x", "1:2: unexpected symbol near <eof>"),
        ("return x:y", "1:11: the arguments of a call expected near <eof>"),
    ])
    func isRefused(source: String, diagnostic: String) {
        let script = LuaScript(Array(source.utf8))
        #expect(script.text == nil)
        #expect(script.diagnostics.first.map { "\($0)" } == diagnostic)
    }

    @Test(arguments: [
        "(", "{", "[", "f(", "- ", "not ", "x = function() ", "do ", "local x: {", "x = a ^", "x = y :: (",
    ])
    func deepNestingIsRefused(opening: String) {
        let script = LuaScript(Array(String(repeating: opening, count: 100_000).utf8))
        #expect(script.text == nil)
        #expect(script.diagnostics.count == 1)
    }

    /// A long text is read in a time that grows with its length only; anything else would take minutes here.
    @Test(arguments: [
        "x = a .. b % c .. '\\.'\n", "local x: {[string]: number?} = f() :: T\n", "type T = {a: string}\n",
        "do ::a:: goto a end ", "do local x = 1 f(x) end ", "-- c\n", "a.b.c.d:e('x')\n",
    ])
    func theTimeGrowsWithTheLength(line: String) {
        let script = LuaScript(Array(String(repeating: line, count: 20_000).utf8))
        #expect(script.diagnostics == [])
    }

    @Test func oneLongExpressionIsRead() {
        let chain = "return x" + String(repeating: " .. x", count: 20_000) + String(repeating: " % x", count: 10_000)
        #expect(LuaScript(Array(chain.utf8)).diagnostics == [])
        let path = "return a" + String(repeating: ".b('c')", count: 20_000)
        #expect(LuaScript(Array(path.utf8)).diagnostics == [])
    }
}
