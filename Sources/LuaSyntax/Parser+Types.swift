// Types become blanks, so these functions only find the end of a type.

extension Parser {
    /// Reads `: T` after a name.
    mutating func parseAnnotation() throws(LuaDiagnostic) {
        guard kind == .colon else { return }
        try blank { parser throws(LuaDiagnostic) in
            parser.advance()
            try parser.parseType()
        }
    }

    /// Reads `: T`, `: T, U` or `: (T, U)` after parameters.
    mutating func parseResultTypes() throws(LuaDiagnostic) {
        guard kind == .colon else { return }
        try blank { parser throws(LuaDiagnostic) in
            repeat {
                parser.advance()
                try parser.parseType()
            } while parser.kind == .comma
        }
    }

    /// Reads `<T, U: {id: string}>` after the name of a function or type.
    mutating func parseTypeParameters() throws(LuaDiagnostic) {
        guard kind == .less else { return }
        try blank { parser throws(LuaDiagnostic) in
            repeat {
                parser.advance()
                try parser.expect(.name)
                if parser.skip(.colon) { try parser.parseType() }
            } while parser.kind == .comma
            try parser.expectGreater()
        }
    }

    /// Reads `:: T`, `as T` or `!` after an expression.
    ///
    /// A cast expression cannot be called: parentheses after it begin a statement.
    mutating func parseCast() throws(LuaDiagnostic) {
        let start = token.start
        if kind == .bang {
            advance()
            if kind == .assign, token.start == lastEnd { throw failure("write '~=' for 'is not equal to'", at: start) }
        } else {
            advance()
            try inType { parser throws(LuaDiagnostic) in try parser.parseType() }
        }
        edits.blank(start..<lastEnd, first: kind == .leftParenthesis ? ";" : " ")
    }

    /// Reads a declaration `type T = …`.
    mutating func parseTypeStatement() throws(LuaDiagnostic) {
        try blank(first: ";") { parser throws(LuaDiagnostic) in
            parser.advance()
            parser.types.insert(parser.token.name)
            try parser.expect(.name)
            try parser.parseTypeParameters()
            try parser.expect(.assign)
            try parser.parseType()
        }
    }

    /// Reads a declaration `interface T: U function f(self: T): V end`.
    mutating func parseInterface() throws(LuaDiagnostic) {
        let opening = token
        try blank(first: ";") { parser throws(LuaDiagnostic) in
            parser.advance()
            parser.types.insert(parser.token.name)
            try parser.expect(.name)
            if parser.kind == .colon {
                repeat {
                    parser.advance()
                    try parser.expect(.name)
                } while parser.kind == .comma
            }
            while parser.skip(.function) {
                guard parser.kind.isField else { throw parser.failure("a name expected near \(parser.excerpt)") }
                parser.advance()
                try parser.parseParameterTypes()
                try parser.parseResultTypes()
            }
            try parser.expect(.endWord, toClose: opening)
        }
    }

    private mutating func blank(
        first: Unicode.Scalar = " ", _ body: (inout Parser) throws(LuaDiagnostic) -> Void
    ) throws(LuaDiagnostic) {
        let start = token.start
        try inType(body)
        edits.blank(start..<lastEnd, first: first)
    }

    private mutating func parseType() throws(LuaDiagnostic) {
        try nested { parser throws(LuaDiagnostic) in
            try parser.parseSimpleType()
            if parser.skip(.extends) {
                try parser.parseSimpleType(isCondition: true)
                try parser.expect(.question)
                try parser.parseType()
                try parser.expect(.colon)
                try parser.parseType()
            }
            while parser.kind == .pipe || parser.kind == .ampersand {
                parser.advance()
                try parser.parseSimpleType()
            }
        }
    }

    /// - Parameter isCondition: true for the `B` of `A extends B ? C : D`.
    private mutating func parseSimpleType(isCondition: Bool = false) throws(LuaDiagnostic) {
        try parsePrimaryType()
        while true {
            switch kind {
            case .question where isCondition && nextBeginsType: return
            case .question: advance()
            case .leftBracket:
                advance()
                if kind != .rightBracket { try parseType() }
                try expect(.rightBracket)
            case .at:
                advance()
                try expect(.name)
                if kind == .leftParenthesis { try parseArgumentsInParentheses() }
            default: return
            }
        }
    }

    private var nextBeginsType: Bool {
        switch nextKind {
        case .name, .type, .nil, .true, .false, .string, .number, .leftBrace, .fun, .readonly, .keyof, .typeof: true
        default: false
        }
    }

    private mutating func parsePrimaryType() throws(LuaDiagnostic) {
        switch kind {
        case .nil, .true, .false, .string, .number: advance()
        case .name, .type: try parseNamedType()
        case .leftBrace: try parseTableType()
        case .leftParenthesis:
            try parseParameterTypes()
            if skip(.arrow) { try parseType() }
        case .fun:
            advance()
            try parseParameterTypes()
            if skip(.colon) { try parseType() }
        case .interface, .readonly:
            advance()
            try nested { parser throws(LuaDiagnostic) in try parser.parsePrimaryType() }
        case .asserts:
            advance()
            try expect(.name)
            if skip(.is) { try parseType() }
        case .typeof:
            advance()
            try expect(.leftParenthesis)
            _ = try parseExpression()
            try expect(.rightParenthesis)
        case .keyof:
            advance()
            try expect(.leftParenthesis)
            try parseType()
            try expect(.rightParenthesis)
        default: throw failure("a type expected near \(excerpt)")
        }
    }

    private mutating func parseNamedType() throws(LuaDiagnostic) {
        advance()
        while skip(.dot) {
            guard kind.isField else { throw failure("the name of a type expected near \(excerpt)") }
            advance()
        }
        guard kind == .less else { return }
        repeat {
            advance()
            try parseType()
        } while kind == .comma
        try expectGreater()
    }

    /// Reads a table type: `{T}`, `{[K]: V}` or `{name: T, other?: U}`.
    private mutating func parseTableType() throws(LuaDiagnostic) {
        let opening = token
        advance()
        while kind != .rightBrace {
            if skip(.leftBracket) {
                try parseType()
                try expect(.rightBracket)
                try expect(.colon)
            } else if kind.isWord, nextKind == .colon || nextKind == .question && isOptionalField {
                advance()
                _ = skip(.question)
                advance()
            }
            try parseType()
            guard skip(.comma) else { break }
        }
        try expect(.rightBrace, toClose: opening)
    }

    private var isOptionalField: Bool {
        position + 2 < tokens.count && tokens[position + 2].kind == .colon
    }

    /// Reads types of parameters, with or without their names, or several results, in parentheses.
    private mutating func parseParameterTypes() throws(LuaDiagnostic) {
        let opening = token
        try expect(.leftParenthesis)
        while kind != .rightParenthesis {
            _ = skip(.dots)
            if kind == .colon || kind.isWord && nextKind == .colon {
                if kind != .colon { advance() }
                advance()
                try parseType()
            } else if kind != .rightParenthesis, kind != .comma {
                try parseType()
            }
            guard skip(.comma) else { break }
        }
        try expect(.rightParenthesis, toClose: opening)
    }
}
