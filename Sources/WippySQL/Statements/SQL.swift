import WippyRuntime
import WippyText
public import WippyValues

/// A piece of SQL in a program: a whole statement, a condition, a column.
///
/// Write a piece as a literal. Each interpolated value becomes an argument of the statement. So the database does not
/// read the value as SQL.
///
/// ```swift
/// try await database.execute("UPDATE tasks SET status = \(status) WHERE id = \(id)")
/// try await database.execute("UPDATE tasks SET status = ? WHERE id = ?", [status, id])
/// ```
///
/// You can interpolate:
/// - a value: any ``SQLArgument``;
/// - another piece of SQL, which is inserted with its values;
/// - `\(name: text)`: the name of a table or column that is known only at run time. The name has one to three
///   identifiers with dots between them, and at most 128 bytes. An identifier has ASCII letters, digits and `_`, and
///   does not begin with a digit. With any other name, the statement throws `Invalid` when it is run. If a client may
///   choose the name, check it yourself.
public struct SQL: Sendable {
    /// A bound value, and the text that follows it.
    struct Bound: Sendable {
        let value: Value
        var text: String
    }

    /// The text up to the first bound value.
    package private(set) var head: String

    /// The bound values, each with the text that follows it.
    private(set) var tail: [Bound] = []

    /// The reason why the statement cannot be used: a wrong name, or too many values; nil if the statement can be used.
    private(set) var flaw: String?

    /// Creates SQL from a text that you trust, such as a script or a file of the project.
    ///
    /// Never pass text from a client, or a text that contains it.
    public init(trusting text: String) {
        head = text
    }

    /// Creates SQL from a text that you trust.
    ///
    /// Each value is bound to one `?` of the text, in order, even to a `?` within quotes. `??` is not a parameter. If
    /// the text has more parameters than values, the last parameters stay in the text. If the text has fewer, the
    /// statement throws `Invalid` when it is run.
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
            flaw = "'\(text)' has \(tail.count) parameters, but \(arguments.count) arguments were given"
        }
    }

    /// Returns the text with the database's parameters, and the values to bind.
    ///
    /// - Parameters:
    ///   - arguments: values for parameters that you have written into the text, in order. Write the database's own
    ///     parameters. You cannot combine them with interpolated values, because the order would be unclear.
    ///     Default: none.
    ///   - parameterStyle: the style of the database's parameters.
    /// - Throws: `WippyError` of kind `Invalid` when an interpolated name is not valid, when
    ///   ``init(trusting:_:)`` got more values than parameters, or when there are both arguments and values in
    ///   the SQL itself.
    public func statement(
        _ arguments: [(any SQLArgument)?] = [], parameterStyle: SQLParameterStyle
    ) throws -> SQLStatement {
        if let flaw { throw WippyError(.invalid, flaw, isRetryable: false) }
        guard !tail.isEmpty else { return SQLStatement(head, arguments.map { $0?.sqlValue ?? .null }) }
        guard arguments.isEmpty else {
            throw WippyError(
                .invalid, "the statement has interpolated values and a list of arguments: use one of the two",
                isRetryable: false)
        }
        var text = SQLText(parameterStyle)
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
    /// Creates SQL from a literal without interpolated values.
    public init(stringLiteral value: String) {
        head = value
    }

    /// Creates SQL from a literal with interpolated values, which become arguments.
    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// Collects the text and the values of a literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql = SQL(trusting: "")

        /// Creates an empty collection.
        public init(literalCapacity: Int, interpolationCount: Int) {}

        /// Adds text of the literal.
        public mutating func appendLiteral(_ literal: String) {
            sql.append(literal)
        }

        /// Adds a parameter, and the value as its argument.
        public mutating func appendInterpolation(_ value: some SQLArgument) {
            sql.bind(value.sqlValue)
        }

        /// Adds another piece of SQL with its values.
        public mutating func appendInterpolation(_ other: SQL) {
            sql.append(other)
        }

        /// Adds the name of a table or column.
        ///
        /// If the name is not valid, the statement throws `Invalid` when it is run.
        public mutating func appendInterpolation(name: String) {
            sql.append(name: name)
        }
    }
}

/// Checks names of tables and columns that are known only at run time.
enum SQLName {
    static func isValid(_ name: String) -> Bool {
        guard name.utf8.count <= 128 else { return false }
        let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count <= 3 && parts.allSatisfy { isIdentifier($0) }
    }

    private static func isIdentifier(_ name: Substring.UTF8View) -> Bool {
        guard let first = name.first, !first.isDigit else { return false }
        return name.allSatisfy(\.isWordPart)
    }
}
