import WippyText

/// Whether a field takes the texts of secret variables.
public enum Secrecy: Sendable {
    /// It does not. Its value may be shown.
    case none
    /// The fields below it decide.
    case below
    /// It does. Its value is never shown, wherever it comes from.
    case whole

    init<Value: FieldValue>(of type: Value.Type) {
        self = Value.isSecret ? .whole : .none
    }
}

/// What stands for a field.
enum WrittenValue {
    /// Nothing: a part of the path is absent or is no map.
    case nothing
    /// What cannot be read, and has been reported.
    case unreadable
    case value(Node)
}

extension FieldReader {
    /// The value of the variable that the entry declares; nil if it declares none.
    public var variable: VariableValue? { root?.variable }

    /// The value of a field, whose place is noted: its own, or the text of the variable that `field_env` names.
    ///
    /// The variable wins; where it has no text the field's own value counts.
    mutating func value(of path: String, _ secrecy: Secrecy = .none) -> WrittenValue {
        let path = prefix + path
        var written = pair(at: path)?.value
        if let root, root.entry != nil, root.namesVariables, let named = pair(at: Self.variableField(of: path)) {
            if let text = named.variable {
                written = text
            } else if written == nil {
                refuse(named, at: Self.variableField(of: path))
                return .unreadable
            }
        }
        guard let node = written else { return .nothing }
        note(node, at: ExactText(path), isSecret: secrecy != .none)
        if let problem = readingProblem(with: node, at: secrecy) {
            if let problem { report(problem, path: String(path.dropFirst(prefix.count)), node: node) }
            return .unreadable
        }
        guard secrecy == .whole else { return .value(node) }
        secretPlaces.append(node.location)
        return .value(node.asSecret)
    }

    /// The field that names the variable for another field: `addr_env` for `addr`.
    public static func variableField(of path: String) -> String { path + variableSuffix }

    /// Whether a field's name says that it names a variable.
    static func namesVariable(_ path: String) -> Bool { path.hasExactSuffix(variableSuffix) }

    private static let variableSuffix = "_env"

    /// The field for which another names a variable; itself if it names none.
    static func field(takenFrom path: String) -> String {
        namesVariable(path) ? String(path.unicodeScalars.dropLast(variableSuffix.unicodeScalars.count)) : path
    }

    /// Why a value cannot be read: a secret where none is taken.
    ///
    /// - Returns: nil if it can be read; a nil problem if what is wrong has been reported.
    mutating func readingProblem(with node: Node, at secrecy: Secrecy) -> FieldProblem?? {
        guard root?.namesVariables == true, secrecy != .below else { return nil }
        if node.first(where: { $0.origin == .missingVariable }) != nil {
            lacksVariables = true
            return .some(nil)
        }
        guard secrecy == .none, let secret = node.first(where: \.isSecret) else { return nil }
        let reason = "the log and messages show what stands there"
        return FieldProblem("cannot take \(secret.found): \(reason)", at: secret.location)
    }

    /// Reports a variable that a field names and that has no text.
    private mutating func refuse(_ pair: Node.Pair, at path: String) {
        lacksVariables = true
        guard let root else { return }
        let problem =
            pair.value.scalar?.isText == true
            ? "names the variable \(pair.value.found), which has no value; set it, or give it a default"
            : "must be the name of a variable, got \(pair.value.found)"
        problems.append(root.problem(.error, at: pair.value.location, "'\(root.name(of: path))' \(problem)"))
    }
}
