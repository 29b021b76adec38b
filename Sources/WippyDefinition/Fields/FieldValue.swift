/// A type that a field of an entry can have.
///
/// Composite values own what is below them: the reader looks for unknown fields only above.
public protocol FieldValue: Sendable, Equatable {
    /// What the field takes.
    static var form: FieldForm { get }

    /// What stands in for a value that could not be read, so that reading goes on. It never reaches a built entry.
    static var placeholder: Self { get }

    /// Reads the value.
    ///
    /// - Throws: ``FieldProblem`` when the node is none.
    init(reading node: Node) throws(FieldProblem)

    /// The value as one writes it in a definition file: for the default in the manual.
    var written: String { get }

    /// Whether nothing may show such a value: no command, no log, no error.
    static var isSecret: Bool { get }
}

extension FieldValue {
    /// It may be shown.
    public static var isSecret: Bool { false }
}

/// A type of values in an order, so that a field can have a range of them.
public protocol OrderedFieldValue: FieldValue, Comparable {
    /// Every value: a range that ends where this one does reads `at least 1`.
    static var all: ClosedRange<Self> { get }

    /// What a field takes whose values lie in a range.
    static func form(in range: ClosedRange<Self>) -> FieldForm
}

extension OrderedFieldValue {
    /// Any value of the type.
    public static var form: FieldForm { form(in: all) }
}

/// Why a node is not the value that its field takes.
public struct FieldProblem: Error, Sendable {
    /// Where, if not at the field's own value: an element of a list.
    public let location: Location?

    /// Which part of the field, if not all of it: `[2]`, `.host`.
    public let part: String

    /// The rest of the sentence that begins with the field's name: `must be a duration such as 10s, got 'x'`.
    public let message: String

    /// Creates a problem.
    public init(_ message: String, part: String = "", at location: Location? = nil) {
        self.message = message
        self.part = part
        self.location = location
    }

    /// The usual problem: something else was found.
    ///
    /// - Parameters:
    ///   - expectation: what the value must be: `a whole number`.
    ///   - node: the value as written.
    ///   - advice: what to write instead, if the expectation does not say it.
    public static func expected(_ expectation: String, got node: Node, _ advice: String? = nil) -> FieldProblem {
        FieldProblem("must be \(expectation), got \(node.found)\(advice.map { "; \($0)" } ?? "")")
    }

    /// The usual problem, where a form was expected.
    public static func expected(_ form: FieldForm, got node: Node, _ advice: String? = nil) -> FieldProblem {
        expected(form.words, got: node, advice)
    }
}

/// What a user writes about an entry, decoded.
///
/// `init(from:)` reads every field, unconditionally, each by one call: that call decodes the field, supplies its
/// default, checks its range, makes it known to "did you mean", records its reference as an edge, and describes it in
/// the manual. What depends on two fields is checked afterwards. Equality ignores places.
public protocol EntryConfig: Sendable, Equatable {
    /// Reads the configuration.
    ///
    /// A field that cannot be read yields a placeholder; an entry with errors is never built.
    init(from fields: inout FieldReader)
}

extension EntryConfig {
    /// What an entry gets that writes none of the fields; a field that must be written has its placeholder.
    public static var standard: Self {
        var fields = FieldReader()
        return Self(from: &fields)
    }

    /// Whether the other configuration is of the same type and says the same.
    public func equals(_ other: any EntryConfig) -> Bool { other as? Self == self }
}

/// The configuration of an entry that has no fields of its own.
public struct NoConfig: EntryConfig {
    /// Creates it.
    public init() {}

    /// Reads nothing.
    public init(from fields: inout FieldReader) {}
}
