import WippyText

/// The rule by which a field accepts or refuses the texts of secret variables.
public enum Secrecy: Sendable {
    /// The field refuses secrets.
    ///
    /// Its value may be shown.
    case none
    /// Each field below this field has its own rule.
    case below
    /// The field accepts secrets.
    ///
    /// Its value is never shown, even if it does not come from a variable.
    case whole

    init<Value: FieldValue>(of type: Value.Type) {
        self = Value.isSecret ? .whole : .none
    }
}

/// The result of a search for a field's value.
enum WrittenValue {
    /// There is no value: a part of the path is missing or is not a map.
    case nothing
    /// The value cannot be read, and this has been reported.
    case unreadable
    case value(Node)
}

extension FieldReader {
    /// The value of the variable that the entry declares; nil if there is none.
    public var variable: VariableValue? { root?.variable }

    /// Returns the value of a field and notes its place.
    ///
    /// The value is the text of the variable that `field_env` names. If there is no such variable, or if it has no
    /// text, the value is the field's own.
    mutating func value(of path: String, _ secrecy: Secrecy = .none) -> WrittenValue {
        let path = prefix + path
        var written = map.pair(at: path)?.value
        if let root, root.hasVariableFields, let named = map.pair(at: Self.variableField(of: path)) {
            if let text = named.variable {
                written = text
            } else if written == nil {
                refuse(named, at: Self.variableField(of: path))
                return .unreadable
            }
        }
        guard let node = written else { return .nothing }
        values.note(node, at: ExactText(path), isSecret: secrecy != .none)
        if let problem = readingProblem(with: node, at: secrecy) {
            if let problem { report(problem, path: String(path.dropFirst(prefix.count)), node: node) }
            return .unreadable
        }
        guard secrecy == .whole else { return .value(node) }
        values.secretPlaces.append(node.location)
        return .value(node.asSecret)
    }

    /// Returns the name of the field that names a variable for another field: `addr_env` for `addr`.
    public static func variableField(of path: String) -> String { path + variableSuffix }

    /// Returns true if a field's name has the form of one that names a variable.
    static func namesVariable(_ path: String) -> Bool { path.hasExactSuffix(variableSuffix) }

    private static let variableSuffix = "_env"

    /// Returns the field for which another field names a variable; `path` itself if its name has another form.
    static func field(takenFrom path: String) -> String {
        namesVariable(path) ? String(path.unicodeScalars.dropLast(variableSuffix.unicodeScalars.count)) : path
    }

    /// Returns the reason why a value cannot be read, such as a secret in a field that refuses secrets.
    ///
    /// - Returns: nil if the value can be read; a nil problem if the reason has been reported already.
    mutating func readingProblem(with node: Node, at secrecy: Secrecy) -> FieldProblem?? {
        guard root?.namesVariables == true, secrecy != .below else { return nil }
        if node.first(where: { $0.origin == .missingVariable }) != nil {
            values.lackVariables = true
            return .some(nil)
        }
        guard secrecy == .none, let secret = node.first(where: \.isSecret) else { return nil }
        let reason = "the log and messages show this field"
        return FieldProblem("cannot take \(secret.found): \(reason)", at: secret.location)
    }

    /// Reports that a field names a variable without a text.
    private mutating func refuse(_ pair: Node.Pair, at path: String) {
        values.lackVariables = true
        guard let root else { return }
        let problem =
            pair.value.scalar?.isText == true
            ? "names the variable \(pair.value.found), which has no value; set the variable, or give it a default"
            : "must be the name of a variable, got \(pair.value.found)"
        problems.add(root.problem(.error, at: pair.value.location, "'\(root.name(of: path))' \(problem)"))
    }
}
