/// Where something stands in a Lua file.
public struct LuaLocation: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The line, from one, as Lua counts them.
    public let line: Int

    /// The byte in the line, from one.
    public let column: Int

    /// A place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Whether a place stands before another.
    public static func < (left: LuaLocation, right: LuaLocation) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }

    /// For example `12:5`.
    public var description: String { "\(line):\(column)" }
}

/// A mistake in a script, with its place.
public struct LuaDiagnostic: Error, Sendable, Equatable, CustomStringConvertible {
    /// The place of the mistake.
    public let location: LuaLocation

    /// A sentence in one line, with what to write instead where that is known.
    public let message: String

    /// Creates a diagnostic.
    public init(at location: LuaLocation, _ message: String) {
        self.location = location
        self.message = message
    }

    /// For example `12:5: 'then' expected near 'x'`.
    public var description: String { "\(location): \(message)" }
}
