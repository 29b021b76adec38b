import WippyText

extension Parser {
    mutating func parseExpressions() throws(LuaDiagnostic) -> [Expression] {
        var expressions = [try parseExpression()]
        while skip(.comma) { expressions.append(try parseExpression()) }
        return expressions
    }

    /// - Parameter limit: the precedence that an operator must exceed to belong to this expression.
    mutating func parseExpression(above limit: Int = 0) throws(LuaDiagnostic) -> Expression {
        try nested { parser throws(LuaDiagnostic) in
            var left = try parser.parseOperand()
            while let precedence = Precedence(of: parser.kind), precedence.left > limit {
                let sign = parser.token
                if sign.kind == .concatenate {
                    left = try parser.parseConcatenation(from: left)
                } else {
                    parser.advance()
                    let right = try parser.parseExpression(above: precedence.right)
                    parser.rewrite(sign, between: left, and: right)
                    left = Expression(range: left.range.lowerBound..<parser.lastEnd, form: .other)
                }
            }
            return left
        }
    }

    private mutating func parseOperand() throws(LuaDiagnostic) -> Expression {
        let sign = token
        switch sign.kind {
        case .not, .minus, .tilde, .hash:
            advance()
            let operand = try parseExpression(above: Precedence.unary)
            var form = Expression.Form.other
            if sign.kind == .minus, case .number(let isZero, let isNegative) = operand.form {
                form = .number(isZero: isZero, isNegative: !isNegative)
            }
            return Expression(range: sign.start..<operand.range.upperBound, form: form)
        default:
            return try parseSimpleExpression()
        }
    }

    /// Reads a chain of `..`, so that floats in it become text by wippy's rules and not by those of Lua 5.4.
    private mutating func parseConcatenation(from first: Expression) throws(LuaDiagnostic) -> Expression {
        var operands = [first]
        var signs: [Token] = []
        while kind == .concatenate {
            signs.append(token)
            advance()
            operands.append(try parseExpression(above: Precedence.concatenation))
        }
        let range = first.range.lowerBound..<lastEnd
        // Lua's own parser recurses at each `..`, so a long chain is always rewritten.
        if operands.count > 100 || operands.contains(where: { $0.form != .string }) {
            call("__cat", in: range, signs: signs, last: operands[operands.count - 1])
        }
        return Expression(range: range, form: .other)
    }

    private mutating func rewrite(_ sign: Token, between left: Expression, and right: Expression) {
        let name: String
        switch (sign.kind, right.form) {
        case (.percent, .number(isZero: false, _)), (.shiftLeft, .number(_, isNegative: false)): return
        case (.percent, _): name = "__mod"
        case (.shiftLeft, _): name = "__shl"
        case (.shiftRight, _): name = "__shr"
        default: return
        }
        call(name, in: left.range.lowerBound..<right.range.upperBound, signs: [sign], last: right)
    }

    /// Rewrites operators as a call, whose commas replace the signs between the operands.
    private mutating func call(_ name: String, in range: Range<Int>, signs: [Token], last: Expression) {
        if last.isMultiple { edits.enclose(last.range, in: "(") }
        for sign in signs { edits.replace(sign.start..<sign.end, with: sign.end - sign.start == 2 ? ", " : ",") }
        let isJoined = range.lowerBound > 0 && source[range.lowerBound - 1].isWordPart
        edits.enclose(range, in: "\(isJoined ? " " : "")\(name)(")
    }

    /// Reads an operand and the casts after it.
    private mutating func parseSimpleExpression() throws(LuaDiagnostic) -> Expression {
        var expression = try parseUncastExpression()
        guard kind == .doubleColon || kind == .as || kind == .bang else { return expression }
        // A cast keeps only the first result of a call.
        if expression.isMultiple {
            edits.enclose(expression.range, in: isAfterName(expression.range.lowerBound) ? " (" : "(")
        }
        while kind == .doubleColon || kind == .as || kind == .bang { try parseCast() }
        expression.form = .other
        expression.range = expression.range.lowerBound..<lastEnd
        return expression
    }

    private func isAfterName(_ offset: Int) -> Bool { offset > 0 && source[offset - 1].isWordPart }

    private mutating func parseUncastExpression() throws(LuaDiagnostic) -> Expression {
        let first = token
        let form: Expression.Form
        switch first.kind {
        case .nil, .true, .false: form = .constant
        case .dots:
            if !scope.isVariadic {
                note("this '...' is in a function whose parameters do not end with '...'", at: first.start)
            }
            form = .varargs
        case .string: form = .string
        case .number:
            form = .number(isZero: source.isZero(number: first.start..<first.end), isNegative: false)
        case .leftBrace:
            let table = try parseTable()
            return Expression(range: first.start..<lastEnd, form: .other, table: table)
        case .function:
            advance()
            try parseFunctionBody(opening: first)
            return Expression(range: first.start..<lastEnd, form: .function)
        default: return try parseSuffixedExpression()
        }
        advance()
        return Expression(range: first.start..<lastEnd, form: form)
    }

    /// Reads a variable or an expression in parentheses, and the fields, indices and calls after it.
    mutating func parseSuffixedExpression() throws(LuaDiagnostic) -> Expression {
        var expression = try parsePrimaryExpression()
        while true {
            switch kind {
            case .dot:
                advance()
                let name = try memberName()
                expression.path = expression.path?.adding(".", name)
                expression.form = .variable
                (expression.table, expression.localFunction) = (nil, nil)
            case .leftBracket:
                let opening = token
                advance()
                let key = token
                if try parseExpression().form == .string {
                    noteMember(source.value(ofString: key.start..<key.end))
                }
                try expect(.rightBracket, toClose: opening)
                expression.path = nil
                expression.form = .variable
                (expression.table, expression.localFunction) = (nil, nil)
            case .colon:
                advance()
                let name = try memberName()
                expression.path = expression.path?.adding(":", name)
                guard kind == .leftParenthesis || kind == .string || kind == .leftBrace else {
                    throw failure("the arguments of a call expected near \(excerpt)")
                }
                continue
            case .leftParenthesis, .string, .leftBrace:
                try parseArguments(of: &expression)
                expression.form = .call
                (expression.table, expression.localFunction) = (nil, nil)
            default:
                return expression
            }
            expression.range = expression.range.lowerBound..<lastEnd
        }
    }

    private mutating func memberName() throws(LuaDiagnostic) -> String {
        guard kind.isField else { throw failure("a name expected near \(excerpt)") }
        let name = String(decoding: source[token.start..<token.end], as: UTF8.self)
        noteMember(name)
        advance()
        return name
    }

    private mutating func parsePrimaryExpression() throws(LuaDiagnostic) -> Expression {
        let first = token
        guard kind == .leftParenthesis else {
            if !kind.isField { throw failure("unexpected symbol near \(excerpt)") }
            try refuseReservedWord()
            try refuseOperatorName()
            advance()
            let variable = scope[first.name]
            if variable == nil { noteUseOfType(first) }
            if let table = variable?.table, !isFieldOrReturned { tables[table].isComplete = false }
            return Expression(
                range: first.start..<first.end, form: .variable,
                path: variable == nil ? names[first.name] : variable?.path, table: variable?.table,
                localFunction: variable?.isFunction == true ? first.name : nil)
        }
        advance()
        let inner = try parseExpression()
        try expect(.rightParenthesis, toClose: first)
        var calls = 0
        if inner.form == .call { calls = 1 }
        if case .parenthesized(let depth) = inner.form, depth > 0 { calls = depth + 1 }
        return Expression(range: first.start..<lastEnd, form: .parenthesized(calls: calls), path: inner.path)
    }

    /// True if the variable before the current token is returned, or only one of its fields is used.
    ///
    /// Code that gets the whole table could add keys to it.
    private var isFieldOrReturned: Bool {
        if kind == .dot { return true }
        let afterNext = tokens[min(position + 2, tokens.count - 1)].kind
        if kind == .leftBracket { return nextKind == .string && afterNext == .rightBracket }
        return position - 1 == returnedToken && (kind.endsBlock || kind == .semicolon || kind == .comma)
    }

    /// Notes a global variable in a form that only the value of a type allows: `Point(x)`, `Point:is(x)`.
    private mutating func noteUseOfType(_ first: Token) {
        let isMethod = (kind == .colon || kind == .dot) && nextKind == .is
        if kind == .leftParenthesis || isMethod { noteTypeUse(of: first.name, at: first.start) }
    }

    private mutating func parseArguments(of expression: inout Expression) throws(LuaDiagnostic) {
        let opening = token
        var literals: [(argument: Token, position: Int)] = []
        switch kind {
        case .string:
            literals.append((opening, 1))
            advance()
        case .leftBrace: _ = try parseTable()
        default:
            advance()
            var position = 1
            if kind != .rightParenthesis {
                repeat {
                    let first = token
                    if try parseExpression().form == .string { literals.append((first, position)) }
                    position += 1
                } while skip(.comma)
            }
            try expect(.rightParenthesis, toClose: opening)
        }
        guard let path = expression.path else { return }
        noteCall(of: path, at: expression.range.lowerBound)
        for (literal, position) in literals { noteCall(of: path, with: literal, at: position) }
        if path == "require" {
            let name = literals.first { $0.position == 1 }?.argument
            expression.path = name.map { source.value(ofString: $0.start..<$0.end) }
        } else {
            expression.path = path.adding("()", "")
        }
    }

    /// Reads a table constructor.
    ///
    /// - Returns: the number of the table among ``tables``; nil inside of functions.
    private mutating func parseTable() throws(LuaDiagnostic) -> Int? {
        let opening = token
        var shape = TableShape()
        advance()
        while kind != .rightBrace {
            var name: String?
            if kind == .leftBracket {
                let bracket = token
                advance()
                let key = token
                switch try parseExpression().form {
                case .string: name = source.value(ofString: key.start..<key.end)
                case .number: break
                default: shape.isComplete = false
                }
                try expect(.rightBracket, toClose: bracket)
                try expect(.assign)
            } else if kind.isField, nextKind == .assign {
                if functionDepth == 0 { name = source.text(of: token) }
                advance()
                advance()
            }
            let value = try parseExpression()
            if let name, !value.form.isConstant { shape.keys.append(name) }
            guard skip(.comma) || skip(.semicolon) else { break }
        }
        try expect(.rightBrace, toClose: opening)
        guard functionDepth == 0 else { return nil }
        tables.append(shape)
        return tables.count - 1
    }

    mutating func parseArgumentsInParentheses() throws(LuaDiagnostic) {
        let opening = token
        advance()
        if kind != .rightParenthesis { _ = try parseExpressions() }
        try expect(.rightParenthesis, toClose: opening)
    }

    /// Reads the parameters, the results and the block of a function.
    mutating func parseFunctionBody(opening: Token, isMethod: Bool = false) throws(LuaDiagnostic) {
        try parseTypeParameters()
        scope.enterBlock(.function)
        defer { leaveBlock() }
        if isMethod { scope.declare(Lexer.nameOfSelf) }
        let parenthesis = token
        try expect(.leftParenthesis)
        while kind != .rightParenthesis {
            if skip(.dots) {
                scope.declareVariadic()
                try parseAnnotation()
                break
            }
            let name = try variableName()
            try parseAnnotation()
            scope.declare(name)
            guard skip(.comma) else { break }
        }
        try expect(.rightParenthesis, toClose: parenthesis)
        try parseResultTypes()
        functionDepth += 1
        defer { functionDepth -= 1 }
        try parseBlock()
        try expect(.endWord, toClose: opening)
    }
}

extension [UInt8] {
    /// True if the number at a range of the source is zero.
    fileprivate func isZero(number range: Range<Int>) -> Bool {
        let number = self[range]
        let isHex = number.dropFirst().first.map { $0 | 0x20 == "x" } ?? false
        return !number.prefix { isHex || $0 | 0x20 != "e" }.contains { $0.isHexDigit && $0 != "0" }
    }
}

extension String {
    /// The path with another name; nil if it becomes too long to be useful.
    fileprivate func adding(_ sign: String, _ name: String) -> String? {
        let path = self + sign + name
        return path.utf8.count <= 200 ? path : nil
    }
}
