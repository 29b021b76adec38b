import WippyText

extension FieldReader {
    /// The entry whose fields are read; nil for a reader that only describes fields, and for a map that does not belong
    /// to an entry.
    public var entry: EntryID? { root?.entry }

    /// Reads all fields of the entry as one value.
    ///
    /// After this call, no field of the entry is unknown.
    ///
    /// - Parameters:
    ///   - type: the type of the value.
    ///   - help: the purpose of the fields, for the manual.
    public mutating func everything<Value: FieldValue>(as type: Value.Type = Value.self, _ help: String) -> Value {
        describe(Self.anyPath, Value.form, .optional(written: nil), help)
        guard let node = root?.data else { return .substitute }
        values.written?[ExactText(Self.anyPath)] = node
        if let problem = readingProblem(with: node, at: .none) {
            if let problem { report(problem, path: "data", node: node) }
            return .substitute
        }
        do {
            return try Value(reading: node)
        } catch {
            report(error, path: "data", node: node)
            return .substitute
        }
    }

    /// Makes it an error to set a field that only other runtimes support.
    ///
    /// Use it if the entry would have another meaning without the field. Otherwise use ``ignored(_:form:because:)``.
    ///
    /// - Parameters:
    ///   - path: the field's path.
    ///   - reason: the reason, as the end of the error's sentence.
    public mutating func refused(_ path: String, because reason: String) {
        describe(path, .any, .refused, reason)
        guard let root, let pair = map.pair(at: prefix + path) else { return }
        let sentence = "'\(prefix)\(path)' is not supported: \(reason)"
        problems.add(root.problem(.error, at: pair.keyLocation, sentence))
    }

    /// The path of a description that covers every field of an entry.
    public static let anyPath = "*"
}
