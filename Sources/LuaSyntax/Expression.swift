/// The properties of an expression that the parser needs when it has read the expression.
struct Expression {
    /// The form of an expression, which decides the tokens that can follow the expression.
    enum Form: Equatable {
        case variable, call, varargs, string, constant, function, other

        // `constant` is nil, true or false.

        /// A number, with the known facts about its value.
        case number(isZero: Bool, isNegative: Bool)

        /// An expression in parentheses.
        ///
        /// `calls` is the number of parentheses around a call, if they enclose nothing else; otherwise 0.
        case parenthesized(calls: Int)

        /// True if the value is a number, a string, a truth value or nil.
        var isConstant: Bool {
            switch self {
            case .number, .string, .constant: true
            default: false
            }
        }
    }

    /// The range of the expression's bytes.
    var range: Range<Int>
    var form: Form

    /// The path of a module's function or value, such as `sql.get`; nil if the expression does not begin with a
    /// module.
    var path: String?

    /// The number of the table that the expression gives, among ``Parser/tables``; nil if it gives another value.
    var table: Int?

    /// The name of the local function that the expression gives; nil if it gives another value.
    var localFunction: Int?

    /// True if the number of the expression's values can differ from one.
    var isMultiple: Bool { form == .call || form == .varargs }
}

/// The precedence of the operators, as in Lua.
struct Precedence {
    let left: Int
    let right: Int

    static let unary = 12
    static let concatenation = 9

    init?(of kind: Token.Kind) {
        switch kind {
        case .or: (left, right) = (1, 1)
        case .and: (left, right) = (2, 2)
        case .equal, .notEqual, .less, .greater, .lessOrEqual, .greaterOrEqual: (left, right) = (3, 3)
        case .pipe: (left, right) = (4, 4)
        case .tilde: (left, right) = (5, 5)
        case .ampersand: (left, right) = (6, 6)
        case .shiftLeft, .shiftRight: (left, right) = (7, 7)
        case .concatenate: (left, right) = (Self.concatenation, 8)
        case .plus, .minus: (left, right) = (10, 10)
        case .star, .slash, .doubleSlash, .percent: (left, right) = (11, 11)
        case .caret: (left, right) = (14, 13)
        default: return nil
        }
    }
}
