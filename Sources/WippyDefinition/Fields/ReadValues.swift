import WippyText

/// What a ``FieldReader`` knows about the values that it has read, by the paths of their fields.
struct ReadValues {
    /// The places of the values.
    private(set) var places: [ExactText: Location] = [:]

    /// The origins of values that come from other files or from variables.
    private(set) var origins: [ExactText: Origin] = [:]

    /// The values themselves, with secrets marked; nil if nobody needs them.
    var written: [ExactText: Node]?

    /// The values of fields whose new value takes effect only at the next start.
    var atStart: [ExactText: any Equatable & Sendable] = [:]

    /// The places of the values of secret fields.
    var secretPlaces: [Location] = []

    /// True if a value names a variable whose text is missing or cannot be read.
    var lackVariables = false

    /// Notes a value.
    mutating func note(_ node: Node, at path: ExactText, isSecret: Bool) {
        places[path] = node.location
        if let origin = node.origin { origins[path] = origin }
        written?[path] = isSecret ? node.asSecret : node
    }
}

/// The descriptions of the fields that a ``FieldReader`` has read.
struct DescribedFields {
    /// The descriptions, in the order of the calls.
    var fields: [FieldDescription] = []

    /// The condition of the fields that are described now.
    var condition: FieldDescription.Condition?

    /// True while a field is read whose new value takes effect only at the next start.
    var isReadAtStart = false

    /// True while fields are read that change in place.
    var changesInPlace = false

    /// True if some of the fields change in place.
    var hasChangesInPlace = false
}

/// The other entries that an entry names, in the order of the calls of its ``FieldReader``.
struct NamedEntries {
    /// The references in fields.
    var references: [ReferenceUse] = []

    /// The mentions in code.
    var mentions: [ReferenceUse] = []
}

/// The problems that a ``FieldReader`` has found.
struct FieldProblems {
    /// The problems that are reported in any case.
    private(set) var found: [Diagnostic] = []

    /// The errors about missing fields, in the order of the calls.
    ///
    /// An error is not reported if one of its fields is misspelt.
    private(set) var missing: [(fields: [ExactText], problem: Diagnostic)] = []

    mutating func add(_ problem: Diagnostic) { found.append(problem) }

    mutating func add(_ problems: [Diagnostic]) { found += problems }

    /// Adds an error about missing fields, in the place of an earlier one about the same fields.
    mutating func addMissing(_ fields: [ExactText], _ problem: Diagnostic) {
        missing.removeAll { $0.fields == fields }
        missing.append((fields, problem))
    }
}
