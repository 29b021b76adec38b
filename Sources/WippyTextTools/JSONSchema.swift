import WippyText
import WippyValues

/// A JSON schema, with most keywords of the drafts since the fourth.
///
/// A `$ref` names a part of the same schema by its path, such as `#/definitions/user`.
///
/// `format` is only an annotation, as the drafts allow. A script has the same empty table for a list and for a map. So
/// the types `array` and `object` both accept an empty list and an empty map, and an empty list counts as the schema
/// `{}`.
public struct JSONSchema {
    private let root: Value

    /// A problem of a schema or of data, in one sentence.
    public struct Problem: Error, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    /// Reads a schema and checks its form.
    ///
    /// - Parameter text: JSON text.
    /// - Throws: `Problem` when the text is not JSON, or when the schema is neither an object nor a truth value. An
    ///   empty list counts as an empty object.
    public init(_ text: [UInt8]) throws(Problem) {
        do {
            root = try JSON.decode(text).withOneFormOfNumbers
        } catch {
            throw Problem(description: "the schema is not JSON: \(error)")
        }
        guard root.bool != nil || root.asMap != nil else {
            throw Problem(description: "the schema must be an object, true or false")
        }
    }

    /// Checks data, which is JSON text.
    ///
    /// - Parameters:
    ///   - text: the data.
    ///   - mustStop: returns true if the check must stop. A long check calls it again and again. When it has returned
    ///     true, the outcome of the check means nothing.
    /// - Throws: `Problem` when the data does not fit, when the data or a part of the schema cannot be read, or when
    ///   the schema is too complex for the data.
    public func check(_ text: [UInt8], mustStop: @escaping () -> Bool) throws(Problem) {
        let data: Value
        do {
            data = try JSON.decode(text).withOneFormOfNumbers
        } catch {
            throw Problem(description: "the data is not JSON: \(error)")
        }
        var check = JSONSchemaCheck(root: root, mustStop: mustStop)
        try check.check(data, by: root, at: "", depth: 0)
    }
}

/// One check of data against a schema.
private struct JSONSchemaCheck {
    let root: Value
    /// The number of schemas that may still be applied.
    ///
    /// Nested choices need many of them.
    private var stepsLeft = 100_000
    private var expressions: [ExactText: RegularExpression] = [:]

    private let mustStop: () -> Bool

    init(root: Value, mustStop: @escaping () -> Bool) {
        self.root = root
        self.mustStop = mustStop
    }

    typealias Problem = JSONSchema.Problem

    private func fault(_ path: String, _ sentence: String) -> Problem {
        Problem(description: (path.isEmpty ? "the value" : path) + " " + sentence)
    }

    mutating func check(_ value: Value, by schema: Value, at path: String, depth: Int) throws(Problem) {
        stepsLeft -= 1
        if stepsLeft & 0xff == 0, mustStop() { throw Problem(description: "the check has been stopped") }
        guard stepsLeft > 0, depth < 200 else { throw Problem(description: "the schema is too complex for the data") }
        if let isAllowed = schema.bool {
            guard isAllowed else { throw fault(path, "is not allowed") }
            return
        }
        guard let rules = schema.asMap else { throw Problem(description: "a nested schema is not an object") }
        if let reference = rules["$ref"]?.string {
            return try check(value, by: try target(of: reference), at: path, depth: depth + 1)
        }
        try checkType(value, rules, path)
        try checkChoices(value, rules, path, depth)
        switch value {
        case .integer, .unsigned, .float: try checkNumber(value, rules, path)
        case .string(let text): try checkText(text, rules, path)
        case .list(let elements): try checkList(elements, rules, path, depth)
        case .map(let map): try checkMap(map, rules, path, depth)
        default: break
        }
    }

    /// Returns the schema at a reference such as `#/definitions/user`.
    private func target(of reference: String) throws(Problem) -> Value {
        var schema = root
        guard reference.utf8.first == UInt8(ascii: "#") else {
            throw Problem(description: "$ref '\(reference)' is outside of the schema")
        }
        let steps = reference.unicodeScalars.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard steps[0].isEmpty else {
            throw Problem(description: "$ref '\(reference)' does not name a part of the schema")
        }
        for step in steps.dropFirst() {
            let key = String(String.UnicodeScalarView(step)).replacing("~1", with: "/").replacing("~0", with: "~")
            let number = Int(key)
            guard let next = schema[key] ?? number.flatMap({ index in schema[index] }) else {
                throw Problem(description: "$ref '\(reference)' does not name a part of the schema")
            }
            schema = next
        }
        return schema
    }

    private func checkType(_ value: Value, _ rules: ValueMap, _ path: String) throws(Problem) {
        if let type = rules["type"] {
            let names = (type.list ?? [type]).compactMap(\.string)
            guard names.contains(where: { value.isOfType($0) }) else {
                throw fault(path, "must be of type \(names.joined(separator: " or ")), got \(value.kindWithArticle)")
            }
        }
        if let options = rules["enum"]?.list, !options.contains(value) {
            throw fault(path, "is not one of the allowed values")
        }
        if let constant = rules["const"], constant != value {
            throw fault(path, "is not the allowed value")
        }
    }

    private mutating func accepts(_ value: Value, _ schema: Value, _ path: String, _ depth: Int) throws(Problem) -> Bool
    {
        do {
            try check(value, by: schema, at: path, depth: depth + 1)
            return true
        } catch {
            if stepsLeft <= 0 { throw error }
            return false
        }
    }

    private mutating func checkChoices(
        _ value: Value, _ rules: ValueMap, _ path: String, _ depth: Int
    ) throws(Problem) {
        for schema in rules["allOf"]?.list ?? [] { try check(value, by: schema, at: path, depth: depth + 1) }
        if let schemas = rules["anyOf"]?.list {
            var isAccepted = false
            for schema in schemas where !isAccepted { isAccepted = try accepts(value, schema, path, depth) }
            guard isAccepted else { throw fault(path, "must fit a schema of 'anyOf'") }
        }
        if let schemas = rules["oneOf"]?.list {
            var count = 0
            for schema in schemas { count += try accepts(value, schema, path, depth) ? 1 : 0 }
            guard count == 1 else { throw fault(path, "must fit one schema of 'oneOf', but fits \(count)") }
        }
        if let schema = rules["not"], try accepts(value, schema, path, depth) {
            throw fault(path, "must not fit the schema of 'not'")
        }
        if let condition = rules["if"] {
            let branch = try accepts(value, condition, path, depth) ? "then" : "else"
            if let schema = rules[branch] { try check(value, by: schema, at: path, depth: depth + 1) }
        }
    }

    private func checkNumber(_ value: Value, _ rules: ValueMap, _ path: String) throws(Problem) {
        guard let number = value.float else { return }
        if let least = rules["minimum"]?.float {
            let isOpen = rules["exclusiveMinimum"]?.bool == true
            guard isOpen ? number > least : number >= least else {
                throw fault(path, "must be \(isOpen ? "greater than" : "at least") \(least)")
            }
        }
        if let most = rules["maximum"]?.float {
            let isOpen = rules["exclusiveMaximum"]?.bool == true
            guard isOpen ? number < most : number <= most else {
                throw fault(path, "must be \(isOpen ? "less than" : "at most") \(most)")
            }
        }
        if let least = rules["exclusiveMinimum"]?.float, number <= least {
            throw fault(path, "must be greater than \(least)")
        }
        if let most = rules["exclusiveMaximum"]?.float, number >= most {
            throw fault(path, "must be less than \(most)")
        }
        if let step = rules["multipleOf"]?.float, step > 0 {
            let quotient = number / step
            guard (quotient - quotient.rounded()).magnitude < 1e-9 else {
                throw fault(path, "must be a multiple of \(step)")
            }
        }
    }

    private mutating func checkText(_ text: String, _ rules: ValueMap, _ path: String) throws(Problem) {
        try checkCount(text.unicodeScalars.count, rules, "Length", path, "characters")
        guard let pattern = rules["pattern"]?.string else { return }
        guard try matches(text, pattern) else { throw fault(path, "does not match '\(pattern)'") }
    }

    private func checkCount(
        _ count: Int, _ rules: ValueMap, _ rule: String, _ path: String, _ what: String
    ) throws(Problem) {
        if let least = rules["min" + rule]?.integer, count < least {
            throw fault(path, "must have at least \(least) \(what)")
        }
        if let most = rules["max" + rule]?.integer, count > most {
            throw fault(path, "must have at most \(most) \(what)")
        }
    }

    private mutating func matches(_ text: String, _ pattern: String) throws(Problem) -> Bool {
        let key = ExactText(pattern)
        do throws(RegularExpression.SyntaxError) {
            let expression: RegularExpression
            if let known = expressions[key] { expression = known } else { expression = try RegularExpression(pattern) }
            expressions[key] = expression
            return expression.firstMatch(in: text.utf8Span.span, mustStop: mustStop) != nil
        } catch {
            throw Problem(description: "the pattern '\(pattern)' is not a regular expression: \(error.problem)")
        }
    }

    private mutating func checkList(
        _ elements: [Value], _ rules: ValueMap, _ path: String, _ depth: Int
    ) throws(Problem) {
        try checkCount(elements.count, rules, "Items", path, "elements")
        if elements.isEmpty { try checkCount(0, rules, "Properties", path, "keys") }
        if elements.isEmpty, let name = rules["required"]?.list?.first?.string, rules["type"]?.string == "object" {
            throw fault(path, "lacks '\(name)'")
        }
        let leading = rules["prefixItems"]?.list ?? rules["items"]?.list ?? []
        let rest =
            rules["items"]?.list == nil || rules["items"]?.list?.isEmpty == true
            ? rules["items"] : rules["additionalItems"]
        for (index, element) in elements.enumerated() {
            guard let schema = index < leading.count ? leading[index] : rest, schema.list == nil else { continue }
            try check(element, by: schema, at: "\(path)[\(index)]", depth: depth + 1)
        }
        if let schema = rules["contains"] {
            var isFound = false
            for element in elements where !isFound { isFound = try accepts(element, schema, path, depth) }
            guard isFound else { throw fault(path, "must have an element that fits 'contains'") }
        }
        if rules["uniqueItems"]?.bool == true, Set(elements).count < elements.count {
            throw fault(path, "must not have equal elements")
        }
    }

    private mutating func checkMap(_ map: ValueMap, _ rules: ValueMap, _ path: String, _ depth: Int) throws(Problem) {
        try checkCount(map.count, rules, "Properties", path, "keys")
        for name in rules["required"]?.list ?? [] {
            guard let name = name.string, map[name] == nil else { continue }
            throw fault(path, "lacks '\(name)'")
        }
        let properties = rules["properties"]?.asMap ?? [:]
        let patterns = rules["patternProperties"]?.asMap ?? [:]
        for (name, value) in map {
            let inner = path.isEmpty ? name : "\(path).\(name)"
            var isKnown = false
            if let schema = properties[name] {
                isKnown = true
                try check(value, by: schema, at: inner, depth: depth + 1)
            }
            for (pattern, schema) in patterns where try matches(name, pattern) {
                isKnown = true
                try check(value, by: schema, at: inner, depth: depth + 1)
            }
            if !isKnown, let schema = rules["additionalProperties"] {
                try check(value, by: schema, at: inner, depth: depth + 1)
            }
            if let schema = rules["propertyNames"] {
                try check(.string(name), by: schema, at: "the key '\(inner)'", depth: depth + 1)
            }
        }
        for rule in ["dependencies", "dependentRequired", "dependentSchemas"] {
            for (name, needed) in rules[rule]?.asMap ?? [:] where map[name] != nil {
                if let names = needed.list {
                    for other in names.compactMap(\.string) where map[other] == nil {
                        throw fault(path, "has '\(name)', but lacks '\(other)'")
                    }
                } else {
                    try check(.map(map), by: needed, at: path, depth: depth + 1)
                }
            }
        }
    }
}

extension Value {
    /// The value as a map.
    ///
    /// An empty list counts as an empty map.
    fileprivate var asMap: ValueMap? { map ?? (list?.isEmpty == true ? [:] : nil) }

    fileprivate func isOfType(_ name: String) -> Bool {
        switch self {
        case .null: name == "null"
        case .bool: name == "boolean"
        case .integer, .unsigned: name == "integer" || name == "number"
        case .float(let number): name == "number" || name == "integer" && number.rounded() == number
        case .string, .bytes: name == "string"
        case .list(let elements): name == "array" || name == "object" && elements.isEmpty
        case .map(let map): name == "object" || name == "array" && map.isEmpty
        }
    }

    /// The value with each whole number in one form, at any depth.
    ///
    /// `1` and `1.0` are equal then.
    fileprivate var withOneFormOfNumbers: Value {
        switch self {
        case .float(let number):
            Int(exactly: number).map { .integer($0) } ?? UInt64(exactly: number).map { .unsigned($0) } ?? self
        case .list(let elements): .list(elements.map(\.withOneFormOfNumbers))
        case .map(let map): .map(ValueMap(uniqueSortedPairs: map.map { ($0.key, $0.value.withOneFormOfNumbers) }))
        default: self
        }
    }
}
