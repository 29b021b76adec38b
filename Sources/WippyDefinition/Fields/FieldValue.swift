/// A type that a field of an entry can have.
///
/// If the value is a list or a map, the type must read everything inside it. The reader does not search there for
/// unknown fields.
public protocol FieldValue: Sendable, Equatable {
    /// The form of the field.
    static var form: FieldForm { get }

    /// The value that stands in for one that cannot be read, so that the reading of the entry goes on.
    static var substitute: Self { get }

    /// Reads the value from a node.
    ///
    /// - Throws: ``FieldProblem`` if the node is not a value of this type.
    init(reading node: Node) throws(FieldProblem)

    /// The value as it is written in a definition file.
    ///
    /// The manual shows a default in this form.
    var written: String { get }

    /// True if values of this type are secrets.
    static var isSecret: Bool { get }
}

extension FieldValue {
    /// False by default: values may be shown.
    public static var isSecret: Bool { false }
}

/// A type whose values are ordered.
///
/// A field with this type can be limited to a range.
public protocol OrderedFieldValue: FieldValue, Comparable {
    /// The range of all values that a field of this type can have.
    ///
    /// If the range of a field has the same upper bound as this range, messages show only its lower bound, such as
    /// `at least 1`.
    static var all: ClosedRange<Self> { get }

    /// Returns the form of a field whose value must be in a range.
    static func form(in range: ClosedRange<Self>) -> FieldForm
}

extension OrderedFieldValue {
    /// The form of a field that takes any value of the type.
    public static var form: FieldForm { form(in: all) }
}

/// The error for a node that is not a valid value for its field.
public struct FieldProblem: Error, Sendable, Suggesting {
    /// The place of the error, such as an element of a list; nil for the place of the field's value.
    public let location: Location?

    /// The wrong part of the field, such as `[2]` or `.host`; empty for the whole field.
    public let part: String

    /// The rest of a sentence that begins with the field's name, such as `must be a duration such as 10s, got 'x'`.
    ///
    /// For an error of ``FieldReader/read(_:unknownFields:_:)``, it is the whole sentence.
    public var message: String

    /// The text that probably belongs in the place of the wrong one; nil if there is no such text.
    public var suggestion: String?

    /// Creates a problem.
    ///
    /// - Parameters:
    ///   - message: the rest of a sentence that begins with the field's name.
    ///   - part: the wrong part of the field. Default: empty, the whole field.
    ///   - location: the place of the error. Default: nil, the place of the field's value.
    ///   - suggestion: the text that probably belongs in the place of the wrong one, if the message suggests it in
    ///     words; otherwise use ``Suggesting/suggesting(_:)``. Default: nil.
    public init(_ message: String, part: String = "", at location: Location? = nil, suggestion: String? = nil) {
        self.message = message
        self.part = part
        self.location = location
        self.suggestion = suggestion
    }

    /// Returns the problem of a value that is not as expected.
    ///
    /// - Parameters:
    ///   - expectation: the expected value in words, such as `a whole number`.
    ///   - node: the actual value.
    ///   - advice: advice for the user, if the expectation alone does not help. Default: nil.
    public static func expected(_ expectation: String, got node: Node, _ advice: String? = nil) -> FieldProblem {
        FieldProblem("must be \(expectation), got \(node.found)\(advice.map { "; \($0)" } ?? "")")
    }

    /// Returns the problem of a value that does not have the field's form.
    public static func expected(_ form: FieldForm, got node: Node, _ advice: String? = nil) -> FieldProblem {
        expected(form.words, got: node, advice)
    }
}

/// Decoded fields, such as those of an entry.
///
/// In `init(from:)`, read every field, whatever the values of the other fields are, because each call also describes
/// its field. After that, check the rules that involve several fields.
public protocol EntryConfig: Sendable, Equatable {
    /// Reads the fields.
    ///
    /// If a field cannot be read, the reader returns some value. You need not report that, and the entry is never
    /// built.
    init(from fields: inout FieldReader)
}

extension EntryConfig {
    /// The config of an entry that leaves out all fields.
    public static var standard: Self {
        var fields = FieldReader()
        return Self(from: &fields)
    }

    /// Returns true if another config has the same type and is equal.
    public func equals(_ other: any EntryConfig) -> Bool { other as? Self == self }
}

/// The config of an entry without fields.
public struct NoConfig: EntryConfig {
    /// Creates the config.
    public init() {}

    /// Reads no fields.
    public init(from fields: inout FieldReader) {}
}
