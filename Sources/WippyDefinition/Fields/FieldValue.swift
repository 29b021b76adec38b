/// A type that a field of an entry can have.
///
/// A composite value reads everything below it itself. The reader looks for unknown fields only above it.
public protocol FieldValue: Sendable, Equatable {
    /// What the field takes.
    static var form: FieldForm { get }

    /// A stand-in for a value that cannot be read, so that reading goes on. It never reaches a built entry.
    static var placeholder: Self { get }

    /// Reads the value.
    ///
    /// - Throws: ``FieldProblem`` if the node is no such value.
    init(reading node: Node) throws(FieldProblem)

    /// The value as a definition file has it, for the default in the manual.
    var written: String { get }

    /// Whether commands, the log and errors hide such a value.
    static var isSecret: Bool { get }
}

extension FieldValue {
    /// It may be shown.
    public static var isSecret: Bool { false }
}

/// A type of ordered values, so that a field can have a range.
public protocol OrderedFieldValue: FieldValue, Comparable {
    /// The range of all values. A field's range with the same end is shown as `at least 1`.
    static var all: ClosedRange<Self> { get }

    /// The form of a field whose values are in a range.
    static func form(in range: ClosedRange<Self>) -> FieldForm
}

extension OrderedFieldValue {
    /// Any value of the type.
    public static var form: FieldForm { form(in: all) }
}

/// Why a node is no value for its field.
public struct FieldProblem: Error, Sendable {
    /// The place, if it is not that of the field's value: an element of a list.
    public let location: Location?

    /// The part of the field, if it is not the whole: `[2]`, `.host`.
    public let part: String

    /// The rest of the sentence that begins with the field's name: `must be a duration such as 10s, got 'x'`.
    public let message: String

    /// Creates a problem.
    public init(_ message: String, part: String = "", at location: Location? = nil) {
        self.message = message
        self.part = part
        self.location = location
    }

    /// The usual problem: the value is something else.
    ///
    /// - Parameters:
    ///   - expectation: what the value must be: `a whole number`.
    ///   - node: the written value.
    ///   - advice: what to write instead, if the expectation does not say it.
    public static func expected(_ expectation: String, got node: Node, _ advice: String? = nil) -> FieldProblem {
        FieldProblem("must be \(expectation), got \(node.found)\(advice.map { "; \($0)" } ?? "")")
    }

    /// The usual problem, for a form.
    public static func expected(_ form: FieldForm, got node: Node, _ advice: String? = nil) -> FieldProblem {
        expected(form.words, got: node, advice)
    }
}

/// The fields of an entry, decoded.
///
/// `init(from:)` reads every field, unconditionally, with one call for each. The call decodes the field, supplies its
/// default, checks its range, lets "did you mean" suggest it, records references, and describes it in the manual. Check
/// afterwards what depends on two fields. Equality ignores places.
public protocol EntryConfig: Sendable, Equatable {
    /// Reads the fields.
    ///
    /// A field that cannot be read gives a stand-in. An entry with errors is never built.
    init(from fields: inout FieldReader)
}

extension EntryConfig {
    /// The config of an entry without any field.
    ///
    /// Required fields have their stand-ins.
    public static var standard: Self {
        var fields = FieldReader()
        return Self(from: &fields)
    }

    /// Whether the other config has the same type and is equal.
    public func equals(_ other: any EntryConfig) -> Bool { other as? Self == self }
}

/// The config of an entry without fields.
public struct NoConfig: EntryConfig {
    /// Creates it.
    public init() {}

    /// Reads nothing.
    public init(from fields: inout FieldReader) {}
}
