import WippyRuntime
public import WippyValues

/// A piece of SQL in a program: a whole statement, a condition, a column.
///
/// Only a literal can become one. Interpolated values do not become text: each gets a placeholder and is bound. So
/// nothing that a client sends can be read as SQL.
///
/// ```swift
/// try await database.execute("UPDATE tasks SET status = \(status) WHERE id = \(id)")
/// try await database.execute("UPDATE tasks SET status = ? WHERE id = ?", [status, id])
/// ```
///
/// You can interpolate:
/// - a value: any ``SQLArgument``, which is bound;
/// - another piece of SQL, which is inserted with its values;
/// - `\(name: text)`: a name of a table or column that is known only at run time. It must be an identifier of ASCII
///   letters, digits and `_`, or up to three of them joined by dots, at most 128 bytes. With anything else the call
///   throws `Invalid`. Check yourself which names a client may choose.
public struct SQL: Sendable {
    /// A value, and the text between it and the next.
    struct Bound: Sendable {
        let value: Value
        var text: String
    }

    /// The text up to the first bound value.
    package private(set) var head: String

    /// The bound values, each with the text after it.
    private(set) var tail: [Bound] = []

    /// What is wrong with a name that was interpolated.
    private(set) var flaw: String?

    /// Creates SQL from a text that you trust, such as a script or a file of the project.
    ///
    /// Never pass a text that a client has sent, or that contains one.
    public init(trusting text: String) {
        head = text
    }

    /// Creates SQL from a text that you trust, with a value for each `?` in it, in order.
    ///
    /// `??` is no placeholder.
    ///
    /// A `?` after the last value stays as it is. If there are more values than `?`, the call throws `Invalid`.
    public init(trusting text: String, _ arguments: [Value]) {
        var pieces = [""]
        var rest = text[...]
        while pieces.count <= arguments.count, let place = rest.utf8.firstIndex(of: UInt8(ascii: "?")) {
            let next = rest.utf8.index(after: place)
            if next < rest.endIndex, rest.utf8[next] == UInt8(ascii: "?") {
                pieces[pieces.count - 1] += rest[...next]
                rest = rest[rest.utf8.index(after: next)...]
            } else {
                pieces[pieces.count - 1] += rest[..<place]
                pieces.append("")
                rest = rest[next...]
            }
        }
        pieces[pieces.count - 1] += rest
        head = pieces[0]
        tail = zip(arguments, pieces.dropFirst()).map { Bound(value: $0, text: $1) }
        if tail.count < arguments.count {
            flaw = "'\(text)' has \(tail.count) places for \(arguments.count) arguments"
        }
    }

    /// The text and its values, for a style of placeholders.
    ///
    /// - Parameters:
    ///   - arguments: values for the placeholders in the text, in order. They cannot be combined with interpolated
    ///     values, because the order would be unclear.
    ///   - placeholders: the database's style.
    /// - Throws: `Invalid` for an interpolated name that is no identifier, and for arguments beside interpolated
    ///   values.
    public func statement(
        _ arguments: [(any SQLArgument)?] = [], placeholders: SQLPlaceholders
    ) throws -> SQLStatement {
        if let flaw { throw WippyError(.invalid, flaw, isRetryable: false) }
        guard !tail.isEmpty else { return SQLStatement(head, arguments.map { $0?.sqlValue ?? .null }) }
        guard arguments.isEmpty else {
            throw WippyError(
                .invalid, "the statement has interpolated values and a list of arguments: use one of the two",
                isRetryable: false)
        }
        var text = SQLText(placeholders)
        try text.append(self)
        return text.statement
    }

    fileprivate mutating func append(_ text: String) {
        if tail.isEmpty {
            head += text
        } else {
            tail[tail.count - 1].text += text
        }
    }

    fileprivate mutating func append(_ other: SQL) {
        append(other.head)
        tail += other.tail
        flaw = flaw ?? other.flaw
    }

    fileprivate mutating func bind(_ value: Value) {
        tail.append(Bound(value: value, text: ""))
    }

    fileprivate mutating func append(name: String) {
        if SQLName.isValid(name) {
            append(name)
        } else {
            flaw = flaw ?? "a table's or column's name must be ASCII letters, digits and '_', joined by dots"
        }
    }
}

extension SQL: ExpressibleByStringInterpolation {
    /// Takes a literal as it is.
    public init(stringLiteral value: String) {
        head = value
    }

    /// Takes a literal with its values.
    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// Collects the parts of a literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql = SQL(trusting: "")

        /// Begins to collect.
        public init(literalCapacity: Int, interpolationCount: Int) {}

        /// Adds text of the program.
        public mutating func appendLiteral(_ literal: String) {
            sql.append(literal)
        }

        /// Binds a value.
        public mutating func appendInterpolation(_ value: some SQLArgument) {
            sql.bind(value.sqlValue)
        }

        /// Adds another piece of SQL.
        public mutating func appendInterpolation(_ other: SQL) {
            sql.append(other)
        }

        /// Adds a name that is known only at run time.
        public mutating func appendInterpolation(name: String) {
            sql.append(name: name)
        }
    }
}

/// The names that may stand in SQL although they are known only at run time.
enum SQLName {
    static func isValid(_ name: String) -> Bool {
        guard name.utf8.count <= 128 else { return false }
        let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count <= 3 && parts.allSatisfy { isIdentifier($0) }
    }

    private static func isIdentifier(_ name: Substring.UTF8View) -> Bool {
        guard let first = name.first, !isDigit(first) else { return false }
        return name.allSatisfy(isLetterOrDigit)
    }

    /// Whether a byte is an ASCII letter, a digit or `_`.
    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
