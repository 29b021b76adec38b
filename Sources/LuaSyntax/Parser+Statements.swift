import WippyText

extension Parser {
    /// Reads statements until a token that ends a block.
    mutating func parseBlock() throws(LuaDiagnostic) {
        while !kind.endsBlock {
            if kind == .return { return try parseReturn() }
            try nested { parser throws(LuaDiagnostic) in try parser.parseStatement() }
        }
    }

    /// Reads a block that has its own variables, up to `end`.
    private mutating func parseInnerBlock(
        opening: Token, _ kind: Scope.BlockKind = .plain, _ names: [Int] = []
    ) throws(LuaDiagnostic) {
        scope.enterBlock(kind)
        defer { leaveBlock() }
        for name in names { scope.declare(name) }
        try parseBlock()
        try expect(.endWord, toClose: opening)
    }

    private mutating func parseStatement() throws(LuaDiagnostic) {
        let opening = token
        switch kind {
        case .semicolon: advance()
        case .label:
            advance()
            declareLabel(opening)
        case .break:
            if !scope.isInLoop { note("this 'break' is in no loop that it could leave", at: token.start) }
            advance()
        case .goto:
            advance()
            guard kind.isField else { throw failure("the name of a label expected near \(excerpt)") }
            scope.noteJump(to: ExactText(source.text(of: token)), at: opening.start)
            advance()
        case .do:
            advance()
            try parseInnerBlock(opening: opening)
        case .while:
            advance()
            _ = try parseExpression()
            try expect(.do)
            try parseInnerBlock(opening: opening, .loop)
        case .repeat: try parseRepeat()
        case .if: try parseIf()
        case .for: try parseFor()
        case .function: try parseFunction()
        case .local: try parseLocal()
        case .interface where nextKind == .name: try parseInterface()
        case .type where nextKind == .name && isTypeStatement: try parseTypeStatement()
        default: try parseExpressionStatement()
        }
    }

    private mutating func declareLabel(_ label: Token) {
        if labelsEnd < position {
            labelsEnd = tokens[position...].firstIndex { $0.kind != .label && $0.kind != .semicolon } ?? position
        }
        let next = tokens[labelsEnd].kind
        let isLast = next.endsBlock && next != .until
        let name = source.label(in: label)
        if !scope.declare(label: name, at: label.start, isLast: isLast) {
            note("the label '\(name)' exists already", at: label.start)
        }
    }

    /// True if `type` begins a statement: `type T =` or `type T<`.
    ///
    /// Otherwise it is an ordinary name.
    private var isTypeStatement: Bool {
        let kind = tokens[min(position + 2, tokens.count - 1)].kind
        return kind == .assign || kind == .less
    }

    private mutating func parseReturn() throws(LuaDiagnostic) {
        advance()
        if !kind.endsBlock, kind != .semicolon {
            let start = token.start
            returnedToken = functionDepth == 0 ? position : nil
            let values = try parseExpressions()
            if functionDepth == 0 { returns.append((start, values[0])) }
        }
        _ = skip(.semicolon)
    }

    private mutating func parseRepeat() throws(LuaDiagnostic) {
        let opening = token
        advance()
        scope.enterBlock(.loop)
        defer { leaveBlock() }
        try parseBlock()
        try expect(.until, toClose: opening)
        // The condition can use the variables of the block.
        _ = try parseExpression()
    }

    private mutating func parseIf() throws(LuaDiagnostic) {
        let opening = token
        repeat {
            advance()
            _ = try parseExpression()
            try expect(.then)
            scope.enterBlock()
            defer { leaveBlock() }
            try parseBlock()
        } while kind == .elseif
        guard skip(.else) else { return try expect(.endWord, toClose: opening) }
        try parseInnerBlock(opening: opening)
    }

    private mutating func parseFor() throws(LuaDiagnostic) {
        let opening = token
        advance()
        var names = [try variableName()]
        while skip(.comma) { names.append(try variableName()) }
        if names.count == 1, skip(.assign) {
            let bounds = try parseExpressions()
            guard 2...3 ~= bounds.count else {
                throw failure("a numeric 'for' takes 2 or 3 numbers, got \(bounds.count)")
            }
            // Lua refuses a step of zero. With a step of zero, wippy's loop never runs if it would count up.
            if bounds.count == 3, case .number(isZero: true, _) = bounds[2].form {
                edits.replace(bounds[2].range, with: "-1")
            }
        } else {
            if kind == .colon { throw failure("the variables of 'for' take no type: leave the type out") }
            guard skip(.in) else { throw failure("'=' or 'in' expected near \(excerpt)") }
            _ = try parseExpressions()
        }
        try expect(.do)
        try parseInnerBlock(opening: opening, .loop, names)
    }

    private mutating func parseFunction() throws(LuaDiagnostic) {
        let opening = token
        advance()
        try refuseReservedWord()
        try refuseOperatorName()
        let first = position
        advance()
        if kind == .leftParenthesis, let global = assign(toVariable: tokens[first]) { noteGlobal(global) }
        var isMethod = false
        while !isMethod, kind == .dot || kind == .colon {
            isMethod = kind == .colon
            advance()
            guard kind.isField else { throw failure("a name expected near \(excerpt)") }
            advance()
        }
        noteKey(from: first)
        try parseFunctionBody(opening: opening, isMethod: isMethod)
    }

    private mutating func parseLocal() throws(LuaDiagnostic) {
        advance()
        if kind == .function {
            let function = token
            advance()
            scope.declare(try variableName(), Scope.Variable(isFunction: true))
            return try parseFunctionBody(opening: function)
        }
        var variables: [(name: Int, isConstant: Bool)] = []
        repeat {
            if !variables.isEmpty { advance() }
            let name = try variableName()
            let isConstant = try parseAttribute()
            try parseAnnotation()
            variables.append((name, try parseAttribute() || isConstant))
        } while kind == .comma
        let values = skip(.assign) ? try parseExpressions() : []
        for (index, (name, isConstant)) in variables.enumerated() {
            let value = index < values.count ? values[index] : nil
            scope.declare(
                name,
                Scope.Variable(
                    path: value?.path, table: value?.table, isFunction: value?.form == .function,
                    isConstant: isConstant))
        }
    }

    /// Reads `<const>` after the name of a variable.
    ///
    /// - Returns: false if there is no attribute.
    private mutating func parseAttribute() throws(LuaDiagnostic) -> Bool {
        guard kind == .less else { return false }
        let start = token.start
        advance()
        let name = source.excerpt(token.start..<token.end)
        try expect(.name)
        try expect(.greater)
        switch name {
        case "const": return true
        case "close":
            note("'<close>' is not part of this Lua: close the value yourself, also when an error is raised", at: start)
        default: throw failure("there is no attribute '<\(name)>': did you mean '<const>'?", at: start)
        }
        return true
    }

    /// Reads a call or an assignment.
    private mutating func parseExpressionStatement() throws(LuaDiagnostic) {
        let first = position
        let expression = try parseSuffixedExpression()
        if kind == .assign || kind == .comma {
            var globals = [try requireVariable(expression, from: first)]
            while skip(.comma) {
                let next = position
                globals.append(try requireVariable(try parseSuffixedExpression(), from: next))
            }
            try expect(.assign)
            let values = try parseExpressions()
            for (index, name) in globals.enumerated() {
                guard let name else { continue }
                let path = index < values.count ? values[index].path : nil
                // After `sql = require("sql")`, the variable is still the module.
                if !(path.map { ExactText.areEqual($0, names[name]) } ?? false) { noteGlobal(name) }
            }
            return
        }
        switch expression.form {
        case .call: return
        case .parenthesized(let calls) where calls > 0:
            // Lua 5.4 has no such statement. The parentheses are removed, and `;` separates it from the tokens before
            // it.
            for level in 0..<calls {
                let (opening, closing) = (tokens[first + level], tokens[position - 1 - level])
                edits.blank(opening.start..<opening.end, first: level == 0 ? ";" : " ")
                edits.blank(closing.start..<closing.end)
            }
        default:
            let isWord = position == first + 1
            let hint = isWord ? suggestion(for: tokens[first]) : nil
            throw failure("unexpected symbol near \(excerpt)\(hint ?? "")")
        }
    }

    /// Checks that a script can assign to an expression.
    ///
    /// - Parameter first: the position of the expression's first token.
    /// - Returns: the name of a global variable; nil for anything else.
    private mutating func requireVariable(
        _ expression: Expression, from first: Int
    ) throws(LuaDiagnostic) -> Int? {
        guard expression.form == .variable else {
            throw failure("you can assign only to a variable or a field", at: expression.range.lowerBound)
        }
        let global = position == first + 1 ? assign(toVariable: tokens[first]) : nil
        noteKey(from: first)
        return global
    }

    /// Notes an assignment to the variable that a token names.
    ///
    /// - Returns: the name of a global variable; nil for a local variable.
    private mutating func assign(toVariable token: Token) -> Int? {
        guard let variable = scope[token.name] else { return token.name }
        if let table = variable.table { tables[table].isComplete = false }
        if variable.isFunction { replacedFunctions.insert(token.name) }
        if variable.isConstant {
            note("you cannot assign to '\(names[token.name])', which is declared with <const>", at: token.start)
        }
        return nil
    }

    /// Notes the key that an assignment or a function adds to a known table, as in `M.name` and `M["name"]`.
    ///
    /// - Parameter first: the position of the first token. The current position is after the last one.
    private mutating func noteKey(from first: Int) {
        guard let table = scope[tokens[first].name]?.table else { return }
        let sign = tokens[first + 1].kind
        let key = tokens[min(first + 2, tokens.count - 1)]
        if position == first + 3, sign == .dot || sign == .colon {
            tables[table].keys.append(source.text(of: key))
        } else if position == first + 4, sign == .leftBracket, key.kind == .string {
            tables[table].keys.append(source.value(ofString: key.start..<key.end))
        }
    }

    /// Returns the keyword that the word at the beginning of a statement probably means.
    private func suggestion(for token: Token) -> String? {
        let word = Array(source[token.start..<token.end])
        let near = [
            "break", "else", "elseif", "for", "function", "if", "local", "repeat", "return", "then", "until", "while",
        ]
        .first { Array($0.utf8).isNear(word) }
        return near.map { ": did you mean '\($0)'?" }
    }
}

extension [UInt8] {
    /// True if one byte is added, removed or changed, or if two neighbouring bytes are swapped.
    fileprivate func isNear(_ other: [UInt8]) -> Bool {
        let start = zip(self, other).prefix { $0 == $1 }.count
        let end = zip(self.dropFirst(start).reversed(), other.dropFirst(start).reversed()).prefix { $0 == $1 }.count
        let (mine, theirs) = (self[start..<count - end], other[start..<other.count - end])
        if Swift.max(mine.count, theirs.count) <= 1 { return true }
        return mine.count == 2 && mine.elementsEqual(theirs.reversed())
    }
}
