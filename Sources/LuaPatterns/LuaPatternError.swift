/// The error of a match with a Lua pattern.
public enum LuaPatternError: Error, Equatable, CustomStringConvertible {
    /// The pattern or the replacement is not valid, or the matcher would have to recurse too deeply.
    ///
    /// The associated text is the message for the script.
    case malformed(String)

    /// The matcher has no steps left.
    case tooManySteps

    /// The message for the script, without a place.
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
