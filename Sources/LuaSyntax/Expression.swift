/// What a parser has to know about an expression that it has read.
struct Expression {
    /// What may be done with it.
    enum Form: Equatable {
        case variable, call, varargs, string, other

        /// A number, which the dialect knows to be not zero, or not negative.
        case number(isZero: Bool, isNegative: Bool)

        /// Something in parentheses.
        ///
        /// - Parameter calls: how many parentheses enclose a call and nothing else; 0 when there is none.
        case parenthesized(calls: Int)
    }

    /// Where its first byte and the byte behind its last one are.
    var range: Range<Int>
    var form: Form

    /// How it is written with the names of modules, for example `sql.get`, if it begins with one.
    var path: String?

    /// Whether it may have another number of values than one.
    var isMultiple: Bool { form == .call || form == .varargs }
}

/// How strongly the operators bind, as in Lua.
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
