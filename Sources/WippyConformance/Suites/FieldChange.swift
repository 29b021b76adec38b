package import WippyDefinition

/// Another value for a field of an entry.
struct FieldChange: Sendable, CustomStringConvertible {
    /// The change in the form `field=value`.
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// The path of the changed field.
    var field: String { String(description.unicodeScalars.prefix { $0 != "=" }) }

    /// Returns true if this is a change of the field, of a part of it, or of the list with the field in its elements.
    func covers(_ field: FieldDescription) -> Bool {
        let path = self.field.utf8
        let list = String(field.path.unicodeScalars.prefix { $0 != "[" })
        return path.elementsEqual(list.utf8) || path.starts(with: "\(list).".utf8)
    }
}

extension FieldDescription {
    /// The path of the field that stands for all fields with other names.
    private static let anyName = "*"

    /// True if an entry can give the field a value that has an effect.
    private var takesValues: Bool {
        switch presence {
        case .required, .optional: true
        case .ignored, .refused: false
        }
    }

    /// True if the field is itself a part of an entry, and not of the elements of a list.
    var canBeAssigned: Bool { takesValues && path != Self.anyName && !path.contains("[") }

    /// Returns the fields that none of the changes concerns.
    static func uncovered(_ fields: [FieldDescription], by changes: [FieldChange]) -> [FieldDescription] {
        fields.filter { field in
            guard field.takesValues else { return false }
            guard field.path == anyName else { return !changes.contains { $0.covers(field) } }
            return changes.allSatisfy { change in fields.contains { $0.path != anyName && change.covers($0) } }
        }
    }
}

extension FieldForm {
    /// Up to three different values of the form, as an override writes them; none if the form does not tell any.
    package var samples: [String] {
        switch self {
        case .flag: ["true", "false"]
        case .integer(let range): Self.samples([1, 2, 1024], in: range)
        case .number(let range): Self.samples([1, 2, 0.5], in: range)
        case .duration(let range): Self.samples([.seconds(1), .milliseconds(1), .seconds(3600)], in: range)
        case .size(let range): Self.samples([.kibibytes(1), .mebibytes(1)], in: range)
        case .choice(let words, _): Array(words.prefix(3))
        case .either(let forms, _): forms.first?.samples ?? []
        case .any, .text, .spelling, .pattern, .id, .list, .map, .maps: []
        }
    }

    /// Returns those of the values that are in the range, and its bounds if these are less than two.
    private static func samples<Value: OrderedFieldValue>(_ values: [Value], in range: ClosedRange<Value>) -> [String] {
        var found = values.filter(range.contains)
        for bound in [range.lowerBound, range.upperBound] where found.count < 2 && !found.contains(bound) {
            found.append(bound)
        }
        return found.map(\.written)
    }
}
