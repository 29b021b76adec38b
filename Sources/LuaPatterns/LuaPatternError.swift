/// Why a pattern could not be matched.
public enum LuaPatternError: Error, Equatable, CustomStringConvertible {
    /// A pattern or a replacement that means nothing, in the words of Lua 5.4.
    case malformed(String)

    /// The matcher took more steps than it may: the pattern goes back too often for so long a text.
    case tooManySteps

    /// The sentence to raise, without the place where it is raised.
    public var description: String {
        switch self {
        case .malformed(let sentence): sentence
        case .tooManySteps: "pattern too complex: matching it takes too many steps"
        }
    }

    static let tooComplex = LuaPatternError.malformed("pattern too complex")
    static let tooManyCaptures = LuaPatternError.malformed("too many captures")
    static let unfinishedCapture = LuaPatternError.malformed("unfinished capture")
    static let nothingToClose = LuaPatternError.malformed("invalid pattern capture")
    static let endsInEscape = LuaPatternError.malformed("malformed pattern (ends with '%')")
    static let unfinishedSet = LuaPatternError.malformed("malformed pattern (missing ']')")
    static let unfinishedBalance = LuaPatternError.malformed("malformed pattern (missing arguments to '%b')")
    static let frontierWithoutSet = LuaPatternError.malformed("missing '[' after '%f' in pattern")

    static func noCapture(_ number: Int) -> LuaPatternError {
        .malformed("invalid capture index %\(number)")
    }
}
