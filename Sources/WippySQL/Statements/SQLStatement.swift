import WippyRuntime
import WippyText
public import WippyValues

/// A statement that is ready to run: its text, and a value for each parameter, in order.
public struct SQLStatement: Sendable, Hashable {
    /// The text, with the database's parameters.
    public var text: String { exactText.string }
    private let exactText: ExactText

    /// The values to bind, in the order of the parameters.
    public let arguments: [Value]

    /// Creates a statement from a text that you trust, with the database's parameters.
    ///
    /// Never pass text from a client; see ``SQL/init(trusting:)``.
    public init(_ text: String, _ arguments: [Value] = []) {
        exactText = ExactText(text)
        self.arguments = arguments
    }
}

/// The style of the parameters in a database's statements: `?` for each argument, or a mark with the argument's number.
public struct SQLParameterStyle: Sendable, Hashable {
    /// `?` for each argument, as in SQLite and MySQL.
    public static let question = SQLParameterStyle(mark: nil)

    /// `$1`, `$2`, …, as in PostgreSQL.
    public static let dollar = numbered(after: "$")

    /// Returns a style with numbers after a mark.
    ///
    /// The mark `:` gives `:1`, `:2`, …. The mark `@p` gives `@p1`, `@p2`, ….
    public static func numbered(after mark: String) -> SQLParameterStyle { SQLParameterStyle(mark: ExactText(mark)) }

    /// The text before the number; nil for `?` without a number.
    private let mark: ExactText?

    /// Returns the parameter of an argument.
    ///
    /// The arguments are counted from 1.
    public func place(_ number: Int) -> String { mark.map { "\($0.string)\(number)" } ?? "?" }

    /// Replaces each `?` in a text by the database's parameter.
    ///
    /// `??` becomes `?`. If the database's parameter is `?`, the text is not changed.
    public func text(marked text: String) -> String {
        guard self != .question else { return text }
        var result = ""
        var number = 0
        var rest = text[...]
        while let position = rest.utf8.firstIndex(of: UInt8(ascii: "?")) {
            let next = rest.utf8.index(after: position)
            result += rest[..<position]
            if next < rest.endIndex, rest.utf8[next] == UInt8(ascii: "?") {
                result += "?"
                rest = rest[rest.utf8.index(after: next)...]
            } else {
                number += 1
                result += place(number)
                rest = rest[next...]
            }
        }
        return result + rest
    }
}

/// A statement that is being built: the text, and the values bound so far.
struct SQLText {
    private(set) var text = ""
    private(set) var arguments: [Value] = []
    private let parameterStyle: SQLParameterStyle

    /// True if lists are filled up to a power of two.
    ///
    /// Then lists of many lengths share a statement.
    let fillsLists: Bool

    init(_ parameterStyle: SQLParameterStyle, fillsLists: Bool = false) {
        self.parameterStyle = parameterStyle
        self.fillsLists = fillsLists
    }

    var statement: SQLStatement { SQLStatement(text, arguments) }

    /// Reserves space for more values.
    mutating func reserve(arguments count: Int) {
        arguments.reserveCapacity(count)
    }

    /// Adds a term: a parameter for a value, or SQL.
    mutating func append(_ term: SQLTerm) throws {
        switch term {
        case .value(let value): bind(value)
        case .sql(let sql): try append(sql)
        case .condition(let condition): try condition.append(to: &self)
        case .select(let select):
            append(words: "(")
            try select.append(to: &self)
            append(words: ")")
        }
    }

    /// Adds pieces of SQL, each with a space before it.
    mutating func appendSuffixes(_ pieces: [SQL]) throws {
        for piece in pieces {
            append(words: " ")
            try append(piece)
        }
    }

    /// Adds text of the builder itself.
    mutating func append(words: String) {
        text += words
    }

    /// Adds a piece of SQL and binds its values.
    mutating func append(_ piece: SQL) throws {
        if let flaw = piece.flaw { throw WippyError(.invalid, flaw, isRetryable: false) }
        text += piece.head
        for bound in piece.tail {
            bind(bound.value)
            text += bound.text
        }
    }

    /// Adds pieces of SQL with a text between them.
    mutating func append(_ pieces: [SQL], separator: String) throws {
        for (index, piece) in pieces.enumerated() {
            if index > 0 { append(words: separator) }
            try append(piece)
        }
    }

    /// Adds a parameter for a value.
    mutating func bind(_ value: Value) {
        arguments.append(value)
        text += parameterStyle.place(arguments.count)
    }

    /// Adds terms with a text between them.
    mutating func append(_ terms: [SQLTerm], separator: String) throws {
        for (index, term) in terms.enumerated() {
            if index > 0 { append(words: separator) }
            try append(term)
        }
    }

    /// Adds a parameter for each value, with a text between them.
    mutating func bind(_ values: [Value], separator: String) {
        for (index, value) in values.enumerated() {
            if index > 0 { append(words: separator) }
            bind(value)
        }
    }
}
