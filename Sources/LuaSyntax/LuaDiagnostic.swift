/// A place in a Lua file.
public struct LuaLocation: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The line, counted from one.
    ///
    /// As in Lua, a line ends with LF, with CR, or with both.
    public let line: Int

    /// The column in bytes, counted from one.
    public let column: Int

    /// Creates a place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// True if the left place comes before the right one.
    public static func < (left: LuaLocation, right: LuaLocation) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }

    /// The line and the column, such as `12:5`.
    public var description: String { "\(line):\(column)" }
}

/// An error in a script, with its place.
public struct LuaDiagnostic: Error, Sendable, Equatable, CustomStringConvertible {
    /// The place of the error.
    public let location: LuaLocation

    /// The error in one line, with advice if there is some.
    public let message: String

    /// Creates a diagnostic.
    public init(at location: LuaLocation, _ message: String) {
        self.location = location
        self.message = message
    }

    /// The place and the message, such as `12:5: 'then' expected near 'x'`.
    public var description: String { "\(location): \(message)" }
}
