/// A `return` that has a value, and that is outside of the script's functions.
public struct LuaReturn: Sendable, Equatable {
    /// The returned value, as far as the text of the script tells.
    public enum Value: Sendable, Equatable {
        /// A number, a string, a truth value or nil.
        case constant
        /// A function: `function … end`, or a local function that no statement replaces.
        case function
        /// A table. Of its string keys, only these can have functions.
        case table(keys: [String])
        /// Any other value, such as the result of a call.
        case unknown
    }

    /// The place of the value.
    public let location: LuaLocation

    /// The first of the returned values.
    public let value: Value
}

/// A table that a constructor outside of functions makes.
struct TableShape {
    /// The string keys that the constructor has, or that statements add.
    ///
    /// Keys of constants in the constructor are left out.
    var keys: [String] = []

    /// False if the table may have keys that the parser does not see.
    var isComplete = true
}
