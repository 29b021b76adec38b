/// A type that a field of an entry can have.
///
/// A value that is a list or a map reads everything inside it by itself. The reader does not look for unknown fields
/// there.
public protocol FieldValue: Sendable, Equatable {
    /// The form of the field.
    static var form: FieldForm { get }

    /// The stand-in for a value that cannot be read, so that reading goes on. It never reaches a built entry.
    static var placeholder: Self { get }

    /// Reads the value from a node.
    ///
    /// - Throws: ``FieldProblem`` if the node is not a value of this type.
    init(reading node: Node) throws(FieldProblem)

    /// The value as a definition file writes it, for the default in the manual.
    var written: String { get }

    /// Whether commands, the log and errors hide values of this type.
    static var isSecret: Bool { get }
}

extension FieldValue {
    /// By default, false: values may be shown.
    public static var isSecret: Bool { false }
}

/// A type of ordered values.
///
/// A field of this type can have a range.
public protocol OrderedFieldValue: FieldValue, Comparable {
    /// The range of all values. A range with the same upper bound is shown as `at least 1`.
    static var all: ClosedRange<Self> { get }

    /// Returns the form of a field whose value must be in a range.
    static func form(in range: ClosedRange<Self>) -> FieldForm
}

extension OrderedFieldValue {
    /// The form of a field that takes any value of the type.
    public static var form: FieldForm { form(in: all) }
}

/// The error that a node is not a valid value for its field.
public struct FieldProblem: Error, Sendable {
    /// The place of the mistake, such as an element of a list; nil for the place of the field's value.
    public let location: Location?

    /// The wrong part of the field: `[2]`, `.host`.
    ///
    /// Empty for the whole field.
    public let part: String

    /// The rest of the sentence that begins with the field's name: `must be a duration such as 10s, got 'x'`.
    public let message: String

    /// Creates a problem.
    public init(_ message: String, part: String = "", at location: Location? = nil) {
        self.message = message
        self.part = part
        self.location = location
    }

    /// Returns the usual problem: another value was expected.
    ///
    /// - Parameters:
    ///   - expectation: the expected value in words: `a whole number`.
    ///   - node: the written value.
    ///   - advice: what to write instead, if the expectation does not make that clear.
    public static func expected(_ expectation: String, got node: Node, _ advice: String? = nil) -> FieldProblem {
        FieldProblem("must be \(expectation), got \(node.found)\(advice.map { "; \($0)" } ?? "")")
    }

    /// Returns the usual problem for a field's form: another value was expected.
    public static func expected(_ form: FieldForm, got node: Node, _ advice: String? = nil) -> FieldProblem {
        expected(form.words, got: node, advice)
    }
}

/// The fields of an entry, decoded.
///
/// `init(from:)` reads every field in every case, with one call for each. The call reads the value, supplies the
/// default, checks the range, records references, and describes the field in the manual. Afterwards, check the rules
/// that involve several fields. Equality ignores the places of values.
public protocol EntryConfig: Sendable, Equatable {
    /// Reads the fields.
    ///
    /// A field that cannot be read gets a stand-in. An entry with errors is never built.
    init(from fields: inout FieldReader)
}

extension EntryConfig {
    /// The config of an entry with no field written.
    ///
    /// Optional fields have their defaults, required fields their stand-ins.
    public static var standard: Self {
        var fields = FieldReader()
        return Self(from: &fields)
    }

    /// Returns whether another config has the same type and is equal.
    public func equals(_ other: any EntryConfig) -> Bool { other as? Self == self }
}

/// The config of an entry without fields.
public struct NoConfig: EntryConfig {
    /// Creates the config.
    public init() {}

    /// Reads nothing.
    public init(from fields: inout FieldReader) {}
}
