import WippyText

/// Reads a script from its tokens, and collects the changes, diagnostics and calls.
///
/// It recurses into nested constructs, at most ``LuaScript/maxNesting`` levels deep.
struct Parser {
    let source: [UInt8]
    let lines: Lines
    let names: [String]

    private(set) var tokens: [Token]
    private(set) var position = 0

    var edits: Edits
    var scope: Scope
    private(set) var diagnostics: [LuaDiagnostic] = []
    private var literalCalls: [LuaLiteralCall] = []
    private var calls: [LuaCall] = []
    private(set) var members: Set<ExactText> = []

    /// The names of the global variables that the script sets to something of its own.
    private var globalsOfScript: Set<ExactText> = []

    /// The names that the script's type statements declare.
    var types: Set<Int> = []

    /// The uses of a global variable in a form that only the value of a type allows.
    var typeUses: [(name: Int, offset: Int)] = []

    /// The number of functions around the current token.
    var functionDepth = 0

    /// The returns outside of every function that have a value.
    var returns: [(offset: Int, value: Expression)] = []

    /// The position of the token that begins the value of the last such return.
    var returnedToken: Int?

    /// The names of local functions to which the script assigns something else.
    var replacedFunctions: Set<Int> = []

    /// The tables that constructors outside of every function make.
    var tables: [TableShape] = []

    /// The position after the last labels and semicolons that follow each other.
    var labelsEnd = 0

    private var depth = 0

    /// True if the parser is in a type, whose expressions never run.
    private var isInType = false

    init(_ lexer: Lexer) {
        source = lexer.source
        lines = lexer.lines
        names = lexer.names
        tokens = lexer.tokens
        edits = lexer.edits
        scope = Scope(nameCount: lexer.names.count)
    }

    mutating func parseScript() throws(LuaDiagnostic) {
        scope.enterBlock(.function)
        scope.declareVariadic()
        try parseBlock()
        leaveBlock()
        guard kind == .end else { throw failure("'<eof>' expected near \(excerpt)") }
        checkTypeUses()
        diagnostics.sort { $0.location < $1.location }
    }

    var token: Token { tokens[position] }
    var kind: Token.Kind { tokens[position].kind }
    var nextKind: Token.Kind { tokens[min(position + 1, tokens.count - 1)].kind }

    /// The end of the token before the current one.
    var lastEnd: Int { position == 0 ? 0 : max(tokens[position - 1].end, halfEnd) }

    /// The end of the last `>` that was the first half of a token.
    private var halfEnd = 0

    /// The current token, for a message.
    var excerpt: String { kind == .end ? "<eof>" : "'\(source.excerpt(token.start..<token.end))'" }

    func failure(_ message: String, at offset: Int? = nil) -> LuaDiagnostic {
        LuaDiagnostic(at: lines.location(of: offset ?? token.start), message)
    }

    mutating func advance() {
        if position + 1 < tokens.count { position += 1 }
    }

    mutating func skip(_ wanted: Token.Kind) -> Bool {
        guard kind == wanted else { return false }
        advance()
        return true
    }

    mutating func expect(_ wanted: Token.Kind) throws(LuaDiagnostic) {
        guard skip(wanted) else { throw failure("\(wanted.spelling) expected near \(excerpt)") }
    }

    /// Expects the token that closes a construct, which may have begun in an earlier line.
    mutating func expect(_ wanted: Token.Kind, toClose opening: Token) throws(LuaDiagnostic) {
        guard !skip(wanted) else { return }
        let line = lines.location(of: opening.start).line
        let what = source.excerpt(opening.start..<opening.end)
        let reason = line == lines.location(of: token.start).line ? "" : " (to close '\(what)' at line \(line))"
        throw failure("\(wanted.spelling) expected\(reason) near \(excerpt)")
    }

    /// Takes one `>`, which may be the first half of `>>` or `>=`.
    mutating func expectGreater() throws(LuaDiagnostic) {
        switch kind {
        case .shiftRight: tokens[position].kind = .greater
        case .greaterOrEqual: tokens[position].kind = .assign
        default: return try expect(.greater)
        }
        tokens[position].start += 1
        halfEnd = tokens[position].start
    }

    mutating func note(_ message: String, at offset: Int) {
        diagnostics.append(LuaDiagnostic(at: lines.location(of: offset), message))
    }

    /// Leaves the innermost block, and notes the jumps that cannot reach their labels.
    mutating func leaveBlock() {
        for jump in scope.leaveBlock() {
            let problem =
                jump.variable.map { "this 'goto' jumps into the scope of the variable '\(names[$0])'" }
                ?? "there is no label '\(jump.label)' that this 'goto' can reach"
            note(problem, at: jump.offset)
        }
    }

    /// Notes an argument of a call that is a string literal.
    ///
    /// - Parameter position: the number of the argument, counted from one.
    mutating func noteCall(of function: String, with argument: Token, at position: Int) {
        guard !isInType else { return }
        literalCalls.append(
            LuaLiteralCall(
                function: function, argument: source.value(ofString: argument.start..<argument.end), position: position,
                location: lines.location(of: argument.start)))
    }

    mutating func noteCall(of function: String, at offset: Int) {
        guard !isInType else { return }
        calls.append(LuaCall(function: function, location: lines.location(of: offset)))
    }

    /// Notes the name of a field or method that an expression uses.
    mutating func noteMember(_ name: String) {
        if !isInType { members.insert(ExactText(name)) }
    }

    /// Notes an assignment to a global variable of something else than the module with its name.
    mutating func noteGlobal(_ name: Int) { globalsOfScript.insert(ExactText(names[name])) }

    /// The calls of functions that the script does not define.
    var foreignCalls: [LuaCall] {
        calls.filter { !globalsOfScript.contains($0.module) }
    }

    /// The string literals among the arguments of functions that the script does not define.
    var foreignLiteralCalls: [LuaLiteralCall] {
        literalCalls.filter { !globalsOfScript.contains($0.module) }
    }

    mutating func noteTypeUse(of name: Int, at offset: Int) {
        if !isInType { typeUses.append((name, offset)) }
    }

    /// The returns with a value, for the users of the script.
    var luaReturns: [LuaReturn] {
        returns.map { offset, expression in
            LuaReturn(location: lines.location(of: offset), value: value(of: expression))
        }
    }

    private func value(of expression: Expression) -> LuaReturn.Value {
        if let table = expression.table {
            return tables[table].isComplete ? .table(keys: tables[table].keys) : .unknown
        }
        if let name = expression.localFunction { return replacedFunctions.contains(name) ? .unknown : .function }
        if expression.form == .function { return .function }
        return expression.form.isConstant ? .constant : .unknown
    }

    /// Refuses uses of a type's value, which wippy has only where types are checked.
    private mutating func checkTypeUses() {
        for (name, offset) in typeUses where types.contains(name) {
            note("'\(names[name])' is a type: types are erased and have no value when the script runs", at: offset)
        }
    }

    mutating func nested<Result>(
        _ body: (inout Parser) throws(LuaDiagnostic) -> Result
    ) throws(LuaDiagnostic) -> Result {
        guard depth < LuaScript.maxNesting else {
            throw failure("more than \(LuaScript.maxNesting) levels of nesting: split this up")
        }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    /// Reads a construct that exists only for types.
    mutating func inType(_ body: (inout Parser) throws(LuaDiagnostic) -> Void) throws(LuaDiagnostic) {
        let wasInType = isInType
        isInType = true
        defer { isInType = wasInType }
        try body(&self)
    }

    /// Reads the name of a variable that is declared.
    mutating func variableName() throws(LuaDiagnostic) -> Int {
        if kind != .name { try refuseReservedWord() }
        let name = token.name
        try refuseOperatorName()
        advance()
        return name
    }

    /// Refuses words that the dialect reserves and Lua 5.4 does not.
    func refuseReservedWord() throws(LuaDiagnostic) {
        if kind.isVariable { return }
        if kind.isField { throw failure("\(excerpt) is a reserved word here: give the variable another name") }
        throw failure("a name expected near \(excerpt)")
    }

    func refuseOperatorName() throws(LuaDiagnostic) {
        guard LuaScript.operators.contains(names[token.name]) else { return }
        throw failure("the runtime reserves the name \(excerpt): give the variable another name")
    }
}

extension [UInt8] {
    /// The bytes of a token as text.
    func text(of token: Token) -> String { String(decoding: self[token.start..<token.end], as: UTF8.self) }

    /// The name of a label: `x` for the token `:: x ::`.
    func label(in token: Token) -> ExactText {
        ExactText(String(decoding: self[token.start..<token.end].filter { $0.isWordPart }, as: UTF8.self))
    }

    /// The value of the string literal at a range of the source.
    func value(ofString range: Range<Int>) -> String {
        if self[range.lowerBound] == "[" {
            let level = self[(range.lowerBound + 1)...].prefix { $0 == "=" }.count
            var start = range.lowerBound + level + 2
            if self[start].isNewline { start += newlineLength(at: start) }
            return String(decoding: self[start..<range.upperBound - level - 2], as: UTF8.self)
        }
        var value: [UInt8] = []
        var index = range.lowerBound + 1
        let end = range.upperBound - 1
        while index < end {
            guard self[index] == "\\" else {
                value.append(self[index])
                index += 1
                continue
            }
            index += 1
            switch self[index] {
            case "a": value.append(0x07)
            case "b": value.append(0x08)
            case "f": value.append(0x0c)
            case "n": value.append(0x0a)
            case "r": value.append(0x0d)
            case "t": value.append(0x09)
            case "v": value.append(0x0b)
            case let newline where newline.isNewline:
                value.append(0x0a)
                index += newlineLength(at: index) - 1
            case let digit where digit.isDigit:
                let digits = self[index..<Swift.min(end, index + 3)].prefix { $0.isDigit }
                value.append(UInt8(digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }))
                index += digits.count - 1
            case let other: value.append(other)
            }
            index += 1
        }
        return String(decoding: value, as: UTF8.self)
    }
}
