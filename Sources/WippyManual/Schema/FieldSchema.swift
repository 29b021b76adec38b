import WippyDefinition
import WippyText
import WippyValues

/// The JSON Schema of a field's value, as far as it can express a form.
///
/// Most forms are one schema with several types. A keyword for numbers applies only to numbers, and so on. So an editor
/// reports only the actual error. Words to choose from have a schema of their own.
struct FieldSchema {
    private var types: [ExactText] = []
    private var keywords: [(String, Value)] = []
    /// The patterns for texts, one of which must match; nil if every text is allowed.
    private var patterns: [String]? = []
    /// The texts to choose from.
    private var words: [String] = []
    private var takesAnything = false

    /// Returns the schema of a form.
    ///
    /// - Parameters:
    ///   - elements: the schema of an element, for a list of maps. Default: any element.
    ///   - isOptional: true if a key without a value is allowed.
    static func value(of form: FieldForm, elements: Value = [:], isOptional: Bool) -> [(String, Value)] {
        var schema = FieldSchema()
        schema.add(form, elements: elements)
        schema.allowText(SchemaPatterns.external)
        if isOptional { schema.allow("null") }
        return schema.pairs(explaining: form)
    }

    /// Returns the name of the definition for a long form that many fields have; nil for any other form.
    static func sharedName(of form: FieldForm, isOptional: Bool) -> String? {
        let name: String
        switch form {
        case .duration(let range): name = "duration.\(range.lowerBound.written).\(range.upperBound.written)"
        case .size(let range): name = "size.\(range.lowerBound.written).\(range.upperBound.written)"
        default: return nil
        }
        return isOptional ? name + ".or-nothing" : name
    }

    private mutating func allow(_ type: ExactText, _ keywords: KeyValuePairs<String, Value> = [:]) {
        if !types.contains(type) { types.append(type) }
        for (name, value) in keywords where !self.keywords.contains(where: { ExactText.areEqual($0.0, name) }) {
            self.keywords.append((name, value))
        }
    }

    private mutating func allowText(_ pattern: String? = nil) {
        allow("string")
        if let pattern { patterns?.append(pattern) } else { patterns = nil }
    }

    private mutating func add(_ form: FieldForm, elements: Value = [:]) {
        switch form {
        case .any: takesAnything = true
        case .flag: allow("boolean")
        case .integer(let range):
            allow("integer")
            if range.lowerBound > .min { allow("integer", ["minimum": .integer(range.lowerBound)]) }
            if range.upperBound < .max { allow("integer", ["maximum": .integer(range.upperBound)]) }
        case .number(let range):
            allow("number")
            if range != Double.all {
                allow("number", ["minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)])
            }
        case .text: allowText()
        case .spelling:
            allowText()
            for type: ExactText in ["number", "boolean"] { allow(type) }
        case .pattern(let pattern, _, _): allowText(pattern)
        case .duration(let range):
            allowText(SchemaPatterns.durations(in: range))
            if range.contains(.zero) { allow("integer", ["minimum": 0, "maximum": 0]) }
        case .size(let range):
            allowText(SchemaPatterns.sizes(in: range))
            add(.integer(in: range.lowerBound.bytes...range.upperBound.bytes))
        case .choice(let words, let ignoringCase):
            self.words += words
            if ignoringCase { allowText(SchemaPatterns.ignoringCase(words)) }
        case .id: allowText(SchemaPatterns.id)
        case .list(let element):
            allow("array", ["items": .schema(Self.value(of: element, isOptional: false))])
        case .map(let value):
            allow("object", ["additionalProperties": .schema(Self.value(of: value, isOptional: false))])
        case .maps: allow("array", ["items": elements])
        case .either(let forms, _):
            // The bounds of a form for numbers come before the one number that a form for durations takes.
            for form in forms.filter(\.isNumber) + forms.filter({ !$0.isNumber }) { add(form) }
        }
    }

    private func pairs(explaining form: FieldForm) -> [(String, Value)] {
        if takesAnything { return [] }
        var pairs = keywords
        let names = types.map { Value.string($0.string) }
        pairs.insert(("type", names.count == 1 ? names[0] : .list(names)), at: 0)
        if let patterns, !patterns.isEmpty {
            let range = form.range.map { ", \($0)" } ?? ""
            pairs.append(("pattern", .string(patterns.joined(separator: "|"))))
            pairs.append(("patternErrorMessage", .string("must be \(form.words)\(range)")))
        }
        guard !words.isEmpty else { return pairs }
        return [("anyOf", [["enum": .list(words.map { .string($0) })], .schema(pairs)])]
    }
}

extension FieldForm {
    /// True if every value with this form is a number.
    fileprivate var isNumber: Bool {
        switch self {
        case .integer, .number: true
        default: false
        }
    }

    /// Examples of values with this form.
    var examples: [String] {
        switch self {
        case .pattern(_, _, let examples): examples
        case .duration: ["10s", "1m30s"]
        case .size: ["10MiB"]
        case .either(let forms, _): forms.first?.examples ?? []
        default: []
        }
    }
}

extension Value {
    /// Returns a map of keywords, each once.
    static func schema(_ pairs: [(String, Value)]) -> Value { .map(ValueMap(pairs, onRepeatedKey: .keepLast)) }

    /// Returns a number; a whole number if possible.
    fileprivate static func number(_ number: Double) -> Value {
        Int(exactly: number).map { .integer($0) } ?? .float(number)
    }
}
