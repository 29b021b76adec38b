import WippyText

/// A word, number, string or sign of a script.
struct Token {
    enum Kind: UInt8 {
        case end
        case name, number, string, label

        // Words that Lua reserves.
        case and, `break`, `do`, `else`, elseif, endWord, `false`, `for`, function, goto, `if`, `in`, local, `nil`, not,
            or, `repeat`, `return`, then, `true`, until, `while`

        // Words of types. `type` is an ordinary name as well. The other words can only name fields.
        case type
        case `as`, asserts, extends, fun, interface, `is`, keyof, readonly, typeof

        // Operators.
        case plus, minus, star, slash, doubleSlash, percent, caret, hash, ampersand, tilde, pipe, shiftLeft, shiftRight,
            equal, notEqual, lessOrEqual, greaterOrEqual, less, greater, assign, concatenate

        // Other signs.
        case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket, semicolon, colon,
            doubleColon, comma, dot, dots, bang, question, at, arrow
    }

    var kind: Kind
    var start: Int
    var end: Int

    /// The number of a name among the names of the script; 0 for other tokens.
    var name = 0
}

extension Token.Kind {
    /// The kinds of the reserved words.
    static let words: [ExactText: Token.Kind] = [
        "and": .and, "break": .break, "do": .do, "else": .else, "elseif": .elseif, "end": .endWord, "false": .false,
        "for": .for, "function": .function, "goto": .goto, "if": .if, "in": .in, "local": .local, "nil": .nil,
        "not": .not, "or": .or, "repeat": .repeat, "return": .return, "then": .then, "true": .true, "until": .until,
        "while": .while,
        "type": .type, "as": .as, "asserts": .asserts, "extends": .extends, "fun": .fun, "interface": .interface,
        "is": .is, "keyof": .keyof, "readonly": .readonly, "typeof": .typeof,
    ]

    /// True if a variable may have this name.
    var isVariable: Bool { self == .name || self == .type }

    /// True if a field may have this name.
    var isField: Bool { self == .name || Self.type.rawValue...Self.typeof.rawValue ~= rawValue }

    /// True if the token is a name or a reserved word.
    var isWord: Bool { self == .name || Self.and.rawValue...Self.typeof.rawValue ~= rawValue }

    /// True if a block ends before this token.
    var endsBlock: Bool {
        switch self {
        case .end, .endWord, .else, .elseif, .until: true
        default: false
        }
    }

    /// The token's spelling in a message about an expected token.
    var spelling: String {
        switch self {
        case .end: "<eof>"
        case .name: "a name"
        case .endWord: "'end'"
        case .assign: "'='"
        case .leftParenthesis: "'('"
        case .rightParenthesis: "')'"
        case .rightBrace: "'}'"
        case .leftBrace: "'{'"
        case .rightBracket: "']'"
        case .greater: "'>'"
        case .colon: "':'"
        case .arrow: "'->'"
        default: "'\(self)'"
        }
    }
}
