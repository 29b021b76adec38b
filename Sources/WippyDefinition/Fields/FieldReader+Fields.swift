import WippyText

// The calls that read fields of any form.
extension FieldReader {
    /// Reads a required field.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - form: the form of the field, if the field accepts less than its type. Default: nil, the form of the type.
    ///   - help: the purpose of the field, for the manual and for messages.
    /// - Returns: the value; the ``FieldValue/substitute`` of the type if the field is missing or cannot be read.
    public mutating func required<Value: FieldValue>(
        _ path: String, form: FieldForm? = nil, _ help: String
    ) -> Value {
        describe(path, form ?? Value.form, .required, help, isSecret: Value.isSecret)
        return decode(path, presenceOf: help, secrecy: Secrecy(of: Value.self)) { node throws(FieldProblem) in
            try Value(reading: node)
        } ?? .substitute
    }

    /// Reads a required field whose value must be in a range.
    ///
    /// - Returns: the value; the lowest value of the range if the field is missing or cannot be read, or if its value
    ///   is outside the range.
    public mutating func required<Value: OrderedFieldValue>(
        _ path: String, in range: ClosedRange<Value>, _ help: String
    ) -> Value {
        describe(path, Value.form(in: range), .required, help)
        return decode(path, presenceOf: help) { node throws(FieldProblem) in try range.checked(node) }
            ?? range.lowerBound
    }

    /// Reads an optional field; returns `fallback` if the field is missing or cannot be read.
    public mutating func optional<Value: FieldValue>(
        _ path: String, default fallback: Value, _ help: String
    ) -> Value {
        describe(path, Value.form, .optional(written: fallback.written), help, isSecret: Value.isSecret)
        return decode(path, secrecy: Secrecy(of: Value.self)) { node throws(FieldProblem) in
            try Value(reading: node)
        } ?? fallback
    }

    /// Reads an optional field whose value must be in a range.
    ///
    /// - Returns: the value; `fallback` if the field is missing or cannot be read, or if its value is outside the
    ///   range.
    public mutating func optional<Value: OrderedFieldValue>(
        _ path: String, default fallback: Value, in range: ClosedRange<Value>, _ help: String
    ) -> Value {
        describe(path, Value.form(in: range), .optional(written: fallback.written), help)
        return decode(path) { node throws(FieldProblem) in try range.checked(node) } ?? fallback
    }

    /// Reads an optional field; returns nil if the field is missing or cannot be read.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - type: the type of the value.
    ///   - words: the default that the manual shows, such as `one for each core`. Default: nil, shown as `none`.
    ///   - help: the purpose of the field, for the manual and for messages.
    public mutating func optional<Value: FieldValue>(
        _ path: String, as type: Value.Type = Value.self, defaultsTo words: String? = nil, _ help: String
    ) -> Value? {
        describe(path, Value.form, .optional(written: nil), help, defaultsTo: words, isSecret: Value.isSecret)
        return decode(path, secrecy: Secrecy(of: Value.self)) { node throws(FieldProblem) in try Value(reading: node) }
    }

    /// Reads an optional field whose value must be in a range.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - range: the values that the field accepts.
    ///   - words: the default that the manual shows, such as `one for each core`. Default: nil, shown as `none`.
    ///   - help: the purpose of the field, for the manual and for messages.
    /// - Returns: the value; nil if the field is missing or cannot be read, or if its value is outside the range.
    public mutating func optional<Value: OrderedFieldValue>(
        _ path: String, in range: ClosedRange<Value>, defaultsTo words: String? = nil, _ help: String
    ) -> Value? {
        describe(path, Value.form(in: range), .optional(written: nil), help, defaultsTo: words)
        return decode(path) { node throws(FieldProblem) in try range.checked(node) }
    }

    /// Reads an optional field with a closure.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - form: the form of the field.
    ///   - fallback: the value if the field is missing or cannot be read.
    ///   - written: the default for the manual, as it is written in a definition file. Default: nil, no fixed default.
    ///   - secrecy: the rule for secrets. Default: the field refuses them.
    ///   - help: the purpose of the field, for the manual and for messages.
    ///   - read: receives the node and this reader, and returns the value. It can record references with the reader.
    public mutating func custom<Value>(
        _ path: String, form: FieldForm, default fallback: Value, written: String? = nil,
        secrecy: Secrecy = .none, _ help: String,
        decode read: (Node, inout FieldReader) throws(FieldProblem) -> Value
    ) -> Value {
        describe(path, form, .optional(written: written), help, isSecret: secrecy == .whole)
        guard case .value(let node) = value(of: path, secrecy), !node.isNull else { return fallback }
        do {
            return try read(node, &self)
        } catch {
            report(error, path: path, node: node)
            return fallback
        }
    }

    /// Accepts a field that other runtimes have and that has no effect here.
    ///
    /// If the entry has the field, a warning gives the reason.
    ///
    /// - Parameters:
    ///   - path: the path of the field.
    ///   - form: the values that the manual names. This call does not check them. Default: any value.
    ///   - reason: the reason, as the end of a sentence.
    public mutating func ignored(_ path: String, form: FieldForm = .any, because reason: String) {
        describe(path, form, .ignored, reason)
        guard let root, let pair = map.pair(at: prefix + path) else { return }
        values.written?[ExactText(prefix + path)] = pair.value
        let sentence = "'\(prefix)\(path)' has no effect: \(reason)"
        problems.add(root.problem(.warning, at: pair.keyLocation, sentence))
    }

    /// Reads several fields below a path, such as the fields of a handler below `config`.
    ///
    /// In the closure, the paths of fields begin below that path.
    public mutating func nested<Value>(_ path: String, _ read: (inout FieldReader) -> Value) -> Value {
        let outer = prefix
        prefix += path + "."
        defer { prefix = outer }
        return read(&self)
    }

    /// Reads fields whose new values take effect only at the next start of the program.
    ///
    /// - Parameters:
    ///   - path: the path of the field, or of the map that has the fields.
    ///   - read: reads the fields at the path.
    mutating func atStart<Value: Equatable & Sendable>(
        _ path: String, _ read: (inout FieldReader, String) -> Value
    ) -> Value {
        described.isReadAtStart = true
        defer { described.isReadAtStart = false }
        let value = read(&self, path)
        values.atStart[ExactText(prefix + path)] = value
        return value
    }

    /// Reads fields whose new values the entry takes in place.
    ///
    /// The manual of the kind says which fields these are. If a reload changes only such fields, the kind's `update`
    /// can give their values to the running entry. If a reload changes another field that the kind reads, the entry is
    /// built anew. A field of an element of a list cannot change in place alone, so read the whole list in place.
    ///
    /// ```swift
    /// interval = fields.inPlace { $0.optional("interval", default: .seconds(1), "The time between calls.") }
    /// ```
    ///
    /// - Parameter read: reads the fields.
    public mutating func inPlace<Value>(_ read: (inout FieldReader) -> Value) -> Value {
        let outer = (described.changesInPlace, map.root)
        defer { (described.changesInPlace, map.root) = outer }
        (described.changesInPlace, described.hasChangesInPlace) = (true, true)
        if let declarationInPlace { map.root = FieldRoot(declarationInPlace, unknownFields: .silence) }
        return read(&self)
    }

    /// Describes fields that exist only if another field has a certain value.
    ///
    /// It has an effect only in a reader that only describes fields.
    ///
    /// - Parameters:
    ///   - field: the path of the other field.
    ///   - value: the value that the other field must have.
    ///   - read: reads the fields.
    public mutating func describe(
        where field: String, is value: String, _ read: (inout FieldReader) -> Void
    ) {
        guard root == nil else { return }
        var fields = FieldReader(describingIn: namespace)
        fields.prefix = prefix
        fields.described.condition = FieldDescription.Condition(field: prefix + field, value: value)
        read(&fields)
        described.fields += fields.descriptions
    }

    /// Returns true if the entry has a value for a field, even one that cannot be read.
    ///
    /// Call it after the field has been read.
    public func isWritten(_ path: String) -> Bool {
        let path = prefix + path
        if let pair = map.pair(at: path) { return !pair.value.isNull }
        return values.places[ExactText(path)] != nil
    }
}

extension FieldReader {
    mutating func describe(
        _ path: String, _ form: FieldForm, _ presence: FieldDescription.Presence, _ help: String,
        defaultsTo words: String? = nil, isSecret: Bool = false
    ) {
        let path = prefix + path
        described.fields.append(
            FieldDescription(
                path: path, form: form, presence: presence, help: help, defaultsTo: words, isSecret: isSecret,
                olderName: map.olderNames[ExactText(path)]?.string, flatMap: map.flatMap(holding: path)?.map,
                condition: described.condition, isReadAtStart: described.isReadAtStart,
                changesInPlace: described.changesInPlace))
    }

    /// Reads the value at a path, or reports why it cannot be read.
    ///
    /// - Parameter requirement: the purpose of the field if it is required; nil if it is optional.
    mutating func decode<Value>(
        _ path: String, presenceOf requirement: String? = nil, secrecy: Secrecy = .none,
        _ read: (Node) throws(FieldProblem) -> Value
    ) -> Value? {
        let node: Node
        switch value(of: path, secrecy) {
        case .nothing:
            if let requirement { reportMissing(prefix + path, requirement) }
            return nil
        case .unreadable: return nil
        case .value(let value): node = value
        }
        guard requirement != nil || !node.isNull else { return nil }
        do {
            return try read(node)
        } catch {
            report(error, path: path, node: node)
            return nil
        }
    }
}
