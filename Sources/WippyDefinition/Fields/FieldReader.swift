public import WippyText
package import WippyValues

/// Reads the fields of one map: an entry, or a file such as `.wippy.yaml`.
///
/// A call such as `required` or `optional` declares a field: it reads the value, supplies the default, checks the
/// range, records references, and describes the field. If it cannot read the value, it reports that. So that reading
/// goes on, it then returns the default, the lower bound of the range, nil, or the ``FieldValue/substitute`` of the
/// type. An entry with errors is never built. If the value of an optional field is null, the field counts as missing.
///
/// The path of a field has its name, after the names of the maps around it: `file`, `retry.jitter`. A reader without a
/// map only describes fields, for the manual, and returns the values for missing fields.
public struct FieldReader {
    /// The namespace of ids that are written without a namespace.
    public let namespace: String

    /// The descriptions of the fields that were read so far, in the order of the calls.
    public private(set) var descriptions: [FieldDescription] = []

    /// The references that were found so far, in the order of the calls.
    public internal(set) var references: [ReferenceUse] = []

    /// The mentions that were found so far: the places where the entry's code has the id of another entry.
    ///
    /// A mentioned entry need not exist.
    public private(set) var mentions: [ReferenceUse] = []

    /// The places of the values read so far, by the paths of their fields.
    public private(set) var places: [ExactText: Location] = [:]

    /// The origins of values that come from other files or from variables, by the paths of their fields.
    public private(set) var origins: [ExactText: Origin] = [:]

    /// The values that have been read from the map, by path, with secrets marked; nil if nobody needs them.
    var written: [ExactText: Node]?

    /// The places of the values of secret fields.
    public internal(set) var secretPlaces: [Location] = []

    /// True if a value names a variable whose text is missing or cannot be read.
    public internal(set) var lacksVariables = false

    let root: FieldRoot?
    var prefix = ""
    /// The condition of the fields that are described now.
    var condition: FieldDescription.Condition?
    /// True while a field is read whose new value takes effect only at the next start.
    var isReadingAtStart = false
    /// The values of such fields, by path.
    private(set) var valuesAtStart: [ExactText: any Hashable & Sendable] = [:]
    /// The maps in which a key with dots is the whole name of a field.
    var flatMaps: Set<ExactText> = []
    /// The maps in `meta` whose unknown fields are reported.
    var closedMaps: Set<ExactText> = []
    /// The names of fields in older projects, by their present names.
    var olderNames: [ExactText: ExactText] = [:]
    var problems: [Diagnostic] = []
    /// The errors about missing fields.
    ///
    /// An error is not reported if one of its fields is misspelt.
    var missing: [[ExactText]: Diagnostic] = [:]

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
    /// - Throws: the first error, whose message names the field.
    package static func read<Result>(
        _ data: ValueMap, unknownFields rule: UnknownFieldRule, _ body: (inout FieldReader) -> Result
    ) throws(FieldProblem) -> Result {
        var fields = FieldReader(data, unknownFields: rule)
        let result = body(&fields)
        if let error = fields.finish().first(where: { $0.severity == .error }) { throw FieldProblem(error.message) }
        return result
    }

    /// Creates a reader of the fields of data that does not come from a definition file.
    package init(_ data: ValueMap, unknownFields rule: UnknownFieldRule) {
        self.init(Node(.map(data), at: Location(source: "")), unknownFields: rule)
    }

    /// Creates a reader without a map, which only describes fields and returns the values for missing fields.
    ///
    /// - Parameter namespace: the namespace of ids that are written without a namespace. Default: `app`.
    public init(describingIn namespace: String = "app") {
        self.init(nil, in: namespace)
    }

    init(_ root: FieldRoot?, in namespace: String) {
        self.root = root
        self.namespace = namespace
    }

    /// Reads a required field.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - form: the form of the field, if the field accepts less than its type. Default: nil, the form of the type.
    ///   - help: the purpose of the field, for the manual and for messages.
    /// - Returns: the value. If the field is missing or cannot be read, this is reported, and the result is the
    ///   ``FieldValue/substitute`` of the type.
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
    /// - Returns: the value. If the field is missing or cannot be read, this is reported, and the result is the lowest
    ///   value of the range.
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

    /// Reads an optional field whose value must be in a range; returns `fallback` if the field is missing or cannot be
    /// read.
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

    /// Reads an optional field whose value must be in a range; returns nil if the field is missing or cannot be read.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - range: the values that the field accepts.
    ///   - words: the default that the manual shows, such as `one for each core`. Default: nil, shown as `none`.
    ///   - help: the purpose of the field, for the manual and for messages.
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
    ///   - read: receives the node and this reader, which it needs to record references, and returns the value.
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
    public mutating func ignored(_ path: String, because reason: String) {
        describe(path, .any, .ignored, reason)
        guard let root, let pair = pair(at: prefix + path) else { return }
        written?[ExactText(prefix + path)] = pair.value
        let sentence = "'\(prefix)\(path)' has no effect: \(reason)"
        problems.append(root.problem(.warning, at: pair.keyLocation, sentence))
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

    /// Reads a field whose new value takes effect only at the next start of the program.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - read: reads the field at the path.
    mutating func atStart<Value: Hashable & Sendable>(
        _ path: String, _ read: (inout FieldReader, String) -> Value
    ) -> Value {
        isReadingAtStart = true
        defer { isReadingAtStart = false }
        let value = read(&self, path)
        valuesAtStart[ExactText(prefix + path)] = value
        return value
    }

    /// Describes fields that exist only if another field has a certain value.
    ///
    /// Call it for the config of each handler that an entry can name. It has an effect only in a reader that only
    /// describes fields.
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
        fields.condition = FieldDescription.Condition(field: prefix + field, value: value)
        read(&fields)
        descriptions += fields.descriptions
    }

    /// Reports an error that the field's type and range do not cover, such as a contradiction between two fields.
    ///
    /// - Parameters:
    ///   - path: the field's path. For an element of a list it is `list[0]`.
    ///   - sentence: the sentence after the field's name, such as `must be set when 'tls.mode' is manual`.
    ///   - location: the place of the error. Default: nil, the place of the field's value, or the place at which
    ///     missing fields are reported if the field is missing.
    public mutating func reject(_ path: String, _ sentence: String, at location: Location? = nil) {
        problem(.error, path, sentence, at: location)
    }

    /// Reports that other fields are missing.
    ///
    /// If the entry has a misspelt name of one of them, only the misspelt name is reported.
    ///
    /// - Parameters:
    ///   - path: the path of the field at whose place the error is reported.
    ///   - sentence: the sentence after the field's name, such as `needs 'window'`.
    ///   - fields: the paths of the missing fields.
    public mutating func reject(_ path: String, _ sentence: String, unlessMisspelt fields: [String]) {
        missing[fields.map { ExactText(prefix + $0) }] = diagnostic(.error, path, sentence, at: nil)
    }

    /// Adds a warning about a field that has no effect, or that is probably wrong.
    ///
    /// The parameters are the same as in ``reject(_:_:at:)``.
    public mutating func warn(_ path: String, _ sentence: String, at location: Location? = nil) {
        problem(.warning, path, sentence, at: location)
    }

    /// Warns if the entry has a field that another field makes useless.
    ///
    /// Call it after both fields have been read.
    ///
    /// - Parameters:
    ///   - path: the path of the useless field.
    ///   - reason: the reason, as the end of the warning's sentence, such as `'dead_letter.queue' is missing`.
    public mutating func warnIfWritten(_ path: String, because reason: String) {
        if isWritten(path) { warn(path, "has no effect: \(reason)") }
    }

    /// Warns about each field of a block that the entry has, because another field makes the block useless.
    ///
    /// Call it after the fields of the block have been read.
    ///
    /// - Parameters:
    ///   - block: the path of the block, such as `retry`.
    ///   - kept: the whole path of the only field of the block that has an effect. Default: nil, none.
    ///   - reason: the reason, as the end of each warning's sentence.
    public mutating func warnIfWritten(below block: String, except kept: String? = nil, because reason: String) {
        let below = places.keys.map(\.string).filter { $0.hasExactPrefix("\(prefix)\(block).") }
        for path in below.map({ $0.dropping(prefix) }).sorted(by: ExactText.precedes) {
            if kept.map({ ExactText.areEqual($0, path) }) != true { warnIfWritten(path, because: reason) }
        }
    }

    /// Returns true if the entry has a value for a field that has been read, even a value that cannot be read.
    public func isWritten(_ path: String) -> Bool {
        let path = prefix + path
        if let pair = pair(at: path) { return !pair.value.isNull }
        return places[ExactText(path)] != nil
    }

    /// Records a mention: the entry's code names another entry.
    ///
    /// The other entry need not exist, and does not start first because of the mention. The mention counts for the
    /// order of a stop, for `lint` and for `graph`.
    ///
    /// - Parameters:
    ///   - id: the entry that the code names.
    ///   - contract: the contract that the other entry must offer.
    ///   - call: the call in the code, for messages, such as `queue.publish`.
    ///   - meaning: the meaning of the mention. Default: nil, the contract's meaning.
    ///   - location: the place of the id in the code.
    public mutating func noteMention(
        of id: EntryID, as contract: AnyContract, in call: String, meaning: ReferenceMeaning? = nil,
        at location: Location
    ) {
        mentions.append(
            ReferenceUse(
                field: call, location: location, entry: id, contract: contract, meaning: meaning ?? contract.meaning))
    }

    private mutating func problem(
        _ severity: Diagnostic.Severity, _ path: String, _ sentence: String, at location: Location?
    ) {
        if let problem = diagnostic(severity, path, sentence, at: location) { problems.append(problem) }
    }

    /// Returns a diagnostic about a field; nil if the reader only describes fields.
    private func diagnostic(
        _ severity: Diagnostic.Severity, _ path: String, _ sentence: String, at location: Location?
    ) -> Diagnostic? {
        guard let root else { return nil }
        let path = prefix + path
        let location = location ?? pair(at: path)?.value.location ?? places[ExactText(path)] ?? root.location
        return root.problem(severity, at: location, "'\(writtenName(of: path))' \(sentence)")
    }
}

extension FieldReader {
    mutating func describe(
        _ path: String, _ form: FieldForm, _ presence: FieldDescription.Presence, _ help: String,
        defaultsTo words: String? = nil, isSecret: Bool = false
    ) {
        let path = prefix + path
        descriptions.append(
            FieldDescription(
                path: path, form: form, presence: presence, help: help, defaultsTo: words, isSecret: isSecret,
                olderName: olderNames[ExactText(path)]?.string, flatMap: flatMap(holding: path)?.map,
                condition: condition, isReadAtStart: isReadingAtStart))
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

    mutating func report(_ problem: FieldProblem, path: String, node: Node) {
        guard let root else { return }
        let name = writtenName(of: prefix + path)
        problems.append(
            root.problem(
                .error, at: problem.location ?? node.location, "'\(name)\(problem.part)' \(problem.message)"))
    }

    private mutating func reportMissing(_ path: String, _ help: String) {
        guard let root else { return }
        let purpose = help.prefix(1).lowercasedASCII + help.dropFirst()
        let sentence = purpose.hasExactSuffix(".") ? String(purpose.dropLast()) : purpose
        missing[[ExactText(path)]] = root.problem(
            .error, at: root.location, "missing field '\(root.name)\(path)': \(sentence)")
    }

    /// Returns the place of a field's value; if the field is missing, the place where this is reported.
    func location(of path: String) -> Location {
        places[ExactText(prefix + path)] ?? root?.location ?? Location(source: "")
    }

    mutating func note(_ node: Node, at path: ExactText, isSecret: Bool) {
        places[path] = node.location
        if let origin = node.origin { origins[path] = origin }
        written?[path] = isSecret ? node.asSecret : node
    }

    func pair(at path: String) -> Node.Pair? {
        find(path) ?? olderNames[ExactText(path)].flatMap { find($0.string) }
    }

    /// Returns the name that the map uses for a field.
    func writtenName(of path: String) -> String {
        let older = olderNames[ExactText(path)].flatMap {
            find(path) == nil && find($0.string) != nil ? $0.string : nil
        }
        return root?.name(of: older ?? path) ?? path
    }

    func find(_ path: String) -> Node.Pair? {
        guard let root else { return nil }
        if let (map, name) = flatMap(holding: path) { return find(map)?.value.option(named: name) }
        let names = path.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        var parts = names.map { ExactText(String($0)) }[...]
        var node = root.data
        if let meta = root.meta, parts.first == "meta" {
            node = meta
            parts = parts.dropFirst()
        }
        var pair: Node.Pair?
        for part in parts {
            guard let next = (pair?.value ?? node).structured.pair(part.string) else { return nil }
            pair = next
        }
        return pair
    }
}
