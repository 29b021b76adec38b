public import WippyText
public import WippyValues

/// Reads the fields of one map: an entry, or a file such as `.wippy.yaml`.
///
/// A call such as `required` or `optional` reads the value of a field and describes the field. If it cannot read the
/// value, it returns some value, so that the reading goes on. You need not report that, and the entry is never built.
/// If the value of an optional field is null, the field counts as missing.
///
/// The path of a field is its name, after the names of the maps around it: `file`, `retry.jitter`. A reader without a
/// map describes fields for the manual. For such a reader, each field is missing.
public struct FieldReader {
    /// The namespace of ids that are written without a namespace.
    public let namespace: String

    /// The text before the path of each field: the names of the maps around it, with a dot after each of them.
    var prefix = ""

    /// The map, and the names that its fields can have.
    var map: FieldMap

    /// The values that were read so far.
    var values = ReadValues()

    /// The descriptions of the fields that were read so far.
    var described = DescribedFields()

    /// The other entries that the entry names, as far as it was read.
    var named = NamedEntries()

    /// The problems that were found so far.
    var problems = FieldProblems()

    /// The declaration that has the fields that change in place; nil if it is the one that has the other fields.
    private(set) var declarationInPlace: EntryDeclaration?

    /// The map; nil if the reader only describes fields.
    var root: FieldRoot? { map.root }

    /// Creates a reader of an entry's fields.
    ///
    /// - Parameters:
    ///   - declaration: the entry as its file declares it.
    ///   - isLenient: true if an unknown field that resembles no known field is a warning; false if it is an error.
    ///     Default: false.
    public init(_ declaration: EntryDeclaration, isLenient: Bool = false) {
        let rule = isLenient ? UnknownFieldRule.errorIfMisspelt : .error
        self.init(FieldRoot(declaration, unknownFields: rule), in: declaration.id.namespace)
    }

    /// Creates a reader of the fields of two declarations of one entry.
    ///
    /// - Parameters:
    ///   - declaration: the declaration of the fields that do not change in place.
    ///   - other: the declaration of the fields that do.
    package init(_ declaration: EntryDeclaration, inPlaceFrom other: EntryDeclaration) {
        self.init(declaration)
        declarationInPlace = other
    }

    /// Creates a reader of the fields of a file that is one map.
    ///
    /// - Parameters:
    ///   - file: the map.
    ///   - rule: selects the diagnostics about unknown fields.
    public init(_ file: Node, unknownFields rule: UnknownFieldRule) {
        self.init(FieldRoot(file, unknownFields: rule), in: "")
    }

    /// Reads the fields of a file that is one map.
    ///
    /// An empty file has no fields.
    package static func read<Result>(
        _ file: SourceFile, report: inout Report, _ body: (inout FieldReader) -> Result
    ) -> Result {
        let text = YAMLComposer.compose(file)
        report.add(text.problems)
        let root = text.root ?? Node(.mapping([]), at: Location(file: file.path, line: 1, column: 1))
        var fields = FieldReader(root, unknownFields: .error)
        let result = body(&fields)
        report.add(fields.finish())
        return result
    }

    /// Reads the fields of data that does not come from a definition file, such as a message's headers.
    ///
    /// - Parameters:
    ///   - data: the data.
    ///   - rule: selects the errors about unknown fields. Warnings are dropped.
    ///   - body: reads the fields.
    /// - Returns: the result of `body`.
    /// - Throws: one of the errors, if there are any. Its message is a whole sentence that names the field.
    public static func read<Result>(
        _ data: ValueMap, unknownFields rule: UnknownFieldRule, _ body: (inout FieldReader) -> Result
    ) throws(FieldProblem) -> Result {
        var fields = FieldReader(data, unknownFields: rule)
        let result = body(&fields)
        if let error = fields.finish().first(where: { $0.severity == .error }) {
            throw FieldProblem(error.message, suggestion: error.suggestion)
        }
        return result
    }

    /// Creates a reader of the fields of data that does not come from a definition file.
    ///
    /// The diagnostics have no place. If you need an error instead of them, call ``read(_:unknownFields:_:)``.
    ///
    /// - Parameters:
    ///   - data: the data.
    ///   - rule: selects the diagnostics about unknown fields.
    public init(_ data: ValueMap, unknownFields rule: UnknownFieldRule) {
        self.init(Node(.map(data), at: Location(source: "")), unknownFields: rule)
    }

    /// Creates a reader without a map, which only describes fields.
    ///
    /// Each field is missing, but this is not reported.
    ///
    /// - Parameter namespace: the namespace of ids that are written without a namespace. Default: `app`.
    public init(describingIn namespace: String = "app") {
        self.init(nil, in: namespace)
    }

    init(_ root: FieldRoot?, in namespace: String) {
        map = FieldMap(root: root)
        self.namespace = namespace
    }
}

// The results.
extension FieldReader {
    /// The descriptions of the fields that this reader has read so far, in the order of the calls.
    public var descriptions: [FieldDescription] { described.fields }

    /// The references that were found so far, in the order of the calls.
    public var references: [ReferenceUse] { named.references }

    /// The mentions that were found so far: the places where the entry's code has the id of another entry.
    ///
    /// A mentioned entry need not exist.
    public var mentions: [ReferenceUse] { named.mentions }

    /// The places of the values that this reader has read so far, by the paths of their fields.
    public var places: [ExactText: Location] { values.places }

    /// The origins of this reader's values that come from other files or from variables, by the paths of their fields.
    public var origins: [ExactText: Origin] { values.origins }

    /// True if ``inPlace(_:)`` has read fields.
    package var hasFieldsInPlace: Bool { described.hasChangesInPlace }

    /// The places of the values of secret fields.
    public var secretPlaces: [Location] { values.secretPlaces }

    /// True if a value could not be read because no variable gives its text.
    public var lacksVariables: Bool { values.lackVariables }
}
