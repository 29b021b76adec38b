import WippyText

// Errors and warnings about fields.
extension FieldReader {
    /// Reports an error that the field's type and range do not cover, such as a contradiction between two fields.
    ///
    /// - Parameters:
    ///   - path: the field's path. For an element of a list it is `list[0]`.
    ///   - sentence: the sentence after the field's name, such as `must be set when 'tls.mode' is manual`.
    ///   - location: the place of the error. Default: nil, the place of the value at `path`; if there is no such value,
    ///     the place of the entry or map.
    public mutating func reject(_ path: String, _ sentence: String, at location: Location? = nil) {
        problem(.error, path, sentence, at: location)
    }

    /// Reports an error that a check of a value has found.
    ///
    /// - Parameters:
    ///   - path: the field's path. For an element of a list it is `list[0]`.
    ///   - problem: the error. If it has no place, the default place of ``reject(_:_:at:)`` is used.
    public mutating func reject(_ path: String, _ problem: FieldProblem) { report(problem, .error, path) }

    /// Adds a warning about a value that is probably wrong.
    ///
    /// The parameters are the same as in ``reject(_:_:)``.
    public mutating func warn(_ path: String, _ problem: FieldProblem) { report(problem, .warning, path) }

    private mutating func report(_ problem: FieldProblem, _ severity: Diagnostic.Severity, _ path: String) {
        let found = diagnostic(severity, path, part: problem.part, problem.message, at: problem.location)
        if let found { problems.add(found.replacing(with: problem.suggestion)) }
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
        guard let problem = diagnostic(.error, path, sentence, at: nil) else { return }
        problems.addMissing(fields.map { ExactText(prefix + $0) }, problem)
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

    /// Warns about each field that the entry has in a block, because another field makes the block useless.
    ///
    /// Call it after the fields of the block have been read.
    ///
    /// - Parameters:
    ///   - block: the path of the block, such as `retry`.
    ///   - kept: the whole path of the only field of the block that has an effect. Default: nil, none.
    ///   - reason: the reason, as the end of each warning's sentence.
    public mutating func warnIfWritten(below block: String, except kept: String? = nil, because reason: String) {
        let below = values.places.keys.map(\.string).filter { $0.hasExactPrefix("\(prefix)\(block).") }
        for path in below.map({ $0.dropping(prefix) }).sorted(by: ExactText.precedes) {
            if kept.map({ ExactText.areEqual($0, path) }) != true { warnIfWritten(path, because: reason) }
        }
    }

    private mutating func problem(
        _ severity: Diagnostic.Severity, _ path: String, _ sentence: String, at location: Location?
    ) {
        if let problem = diagnostic(severity, path, sentence, at: location) { problems.add(problem) }
    }

    /// Returns a diagnostic about a field; nil if the reader only describes fields.
    private func diagnostic(
        _ severity: Diagnostic.Severity, _ path: String, part: String = "", _ sentence: String,
        at location: Location?
    ) -> Diagnostic? {
        guard let root else { return nil }
        let path = prefix + path
        let location = location ?? map.pair(at: path)?.value.location ?? values.places[ExactText(path)] ?? root.location
        return root.problem(severity, at: location, "'\(map.writtenName(of: path))\(part)' \(sentence)")
    }
}

extension FieldReader {
    mutating func report(_ problem: FieldProblem, path: String, node: Node) {
        guard let root else { return }
        let name = map.writtenName(of: prefix + path)
        problems.add(
            root.problem(
                .error, at: problem.location ?? node.location, "'\(name)\(problem.part)' \(problem.message)"
            ).replacing(with: problem.suggestion))
    }

    mutating func reportMissing(_ path: String, _ help: String) {
        guard let root else { return }
        let purpose = help.prefix(1).lowercasedASCII + help.dropFirst()
        let sentence = purpose.hasExactSuffix(".") ? String(purpose.dropLast()) : purpose
        problems.addMissing(
            [ExactText(path)],
            root.problem(.error, at: root.location, "missing field '\(root.name)\(path)': \(sentence)"))
    }

    /// Returns the place of a field's value; if the field is missing, the place where this is reported.
    func location(of path: String) -> Location {
        values.places[ExactText(prefix + path)] ?? root?.location ?? Location(source: "")
    }
}
