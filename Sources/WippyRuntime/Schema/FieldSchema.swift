import WippyDefinition
import WippyText
import WippyValues

/// The schema of a field's value: what JSON Schema can say of a form.
///
/// Most forms are one schema with several types, since what it says of numbers holds for numbers alone, and so on: an
/// editor then tells the one thing that is wrong. Only words to choose from are a schema of their own beside that.
struct FieldSchema {
    private var types: [ExactText] = []
    private var keywords: [(String, Value)] = []
    /// What texts look like: any of these; nil if every text will do.
    private var patterns: [String]? = []
    /// Texts to choose from.
    private var words: [String] = []
    private var takesAnything = false

    /// The schema of a form.
    ///
    /// - Parameters:
    ///   - elements: the schema of an element of a list of maps.
    ///   - isOptional: whether a key may stand without a value.
    static func value(of form: FieldForm, elements: Value = [:], isOptional: Bool) -> [(String, Value)] {
        var schema = FieldSchema()
        schema.add(form, elements: elements)
        schema.takeText(SchemaPatterns.external)
        if isOptional { schema.take("null") }
        return schema.pairs(explaining: form)
    }

    /// The name under which a definition has the schema of a form that is long and that many fields have; nil for any
    /// other.
    static func sharedName(of form: FieldForm, isOptional: Bool) -> String? {
        let name: String
        switch form {
        case .duration(let range): name = "duration.\(range.lowerBound.written).\(range.upperBound.written)"
        case .size(let range): name = "size.\(range.lowerBound.written).\(range.upperBound.written)"
        default: return nil
        }
        return isOptional ? name + ".or-nothing" : name
    }

    private mutating func take(_ type: ExactText, _ keywords: KeyValuePairs<String, Value> = [:]) {
        if !types.contains(type) { types.append(type) }
        for (name, value) in keywords where !self.keywords.contains(where: { ExactText.areEqual($0.0, name) }) {
            self.keywords.append((name, value))
        }
    }

    private mutating func takeText(_ pattern: String? = nil) {
        take("string")
        if let pattern { patterns?.append(pattern) } else { patterns = nil }
    }

    private mutating func add(_ form: FieldForm, elements: Value = [:]) {
        switch form {
        case .any: takesAnything = true
        case .flag: take("boolean")
        case .integer(let range):
            take("integer")
            if range.lowerBound > .min { take("integer", ["minimum": .integer(range.lowerBound)]) }
            if range.upperBound < .max { take("integer", ["maximum": .integer(range.upperBound)]) }
        case .number(let range):
            take("number")
            if range != Double.all {
                take("number", ["minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)])
            }
        case .text: takeText()
        case .spelling:
            takeText()
            for type: ExactText in ["number", "boolean"] { take(type) }
        case .pattern(let pattern, _, _): takeText(pattern)
        case .duration(let range):
            takeText(SchemaPatterns.durations(in: range))
            if range.contains(.zero) { take("integer", ["minimum": 0, "maximum": 0]) }
        case .size(let range):
            takeText(SchemaPatterns.sizes(in: range))
            add(.integer(in: range.lowerBound.bytes...range.upperBound.bytes))
        case .choice(let words, let ignoringCase):
            self.words += words
            if ignoringCase { takeText(SchemaPatterns.ignoringCase(words)) }
        case .id: takeText(SchemaPatterns.id)
        case .list(let element):
            take("array", ["items": .schema(Self.value(of: element, isOptional: false))])
        case .map(let value):
            take("object", ["additionalProperties": .schema(Self.value(of: value, isOptional: false))])
        case .maps: take("array", ["items": elements])
        case .either(let forms, _): for form in forms { add(form) }
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
    /// Values that show what the form looks like.
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
    /// A map of keywords, each once.
    static func schema(_ pairs: [(String, Value)]) -> Value { .map(ValueMap(pairs, onRepeatedKey: .keepLast)) }

    /// A number, whole if it can be.
    fileprivate static func number(_ number: Double) -> Value {
        Int(exactly: number).map { .integer($0) } ?? .float(number)
    }
}
