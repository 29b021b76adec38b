import WippyText

/// Replaces the placeholders in entries by the texts of variables.
///
/// The new value keeps its place, and is read as the type of its field.
struct VariableResolver {
    private let variables: ProjectVariables
    private var entry: EntryID?
    private var problems: [Diagnostic] = []

    /// A variable without a value.
    private struct Missing {
        let reason: String
        /// The name that is probably meant.
        let suggestion: String?
        let entry: EntryID?
        /// The places that name the variable.
        var places: [Location] = []
    }

    /// The variables without a value, by the names in the placeholders.
    private var missing: [ExactText: Missing] = [:]

    init(_ variables: ProjectVariables) {
        self.variables = variables
    }

    /// Returns the entry with its placeholders replaced; the same object if it names no variables.
    mutating func resolved(_ declaration: EntryDeclaration) -> EntryDeclaration {
        entry = declaration.id
        if let reason = variables.reasonAgainstPlaceholders(in: declaration) {
            refusePlaceholders(in: declaration.data, because: reason)
            guard let variable = variables.value(of: declaration.id) else { return declaration }
            return declaration.with(meta: declaration.meta, data: declaration.data, variable: variable)
        }
        guard declaration.namesVariables else { return declaration }
        let (meta, data) = (resolved(declaration.meta), resolved(declaration.data))
        guard meta != nil || data != nil else { return declaration }
        return declaration.with(meta: meta ?? declaration.meta, data: data ?? declaration.data)
    }

    /// All diagnostics.
    ///
    /// Each variable without a value is reported once, with its places.
    var diagnostics: [Diagnostic] {
        problems
            + missing.sorted { $0.key < $1.key }.map { name, missing in
                let places = missing.places.sorted()
                let others = places.dropFirst().prefix(3).map { "\($0)" }.joined(separator: ", ")
                let rest = places.count > 4 ? " and \(places.count - 4) more" : ""
                return .error(
                    at: places[0], entry: missing.entry,
                    "the variable '\(name)' has no value: \(missing.reason)"
                        + (places.count > 1 ? " (also named at \(others)\(rest))" : "")
                ).replacing(with: missing.suggestion).naming(Array(places.dropFirst()))
            }
    }

    /// Returns the node with the placeholders in it replaced; nil if nothing changes.
    private mutating func resolved(_ node: Node) -> Node? {
        switch node.content {
        case .scalar(let scalar): return resolved(node, scalar)
        case .sequence(var elements):
            var isChanged = false
            for index in elements.indices {
                guard let element = resolved(elements[index]) else { continue }
                elements[index] = element
                isChanged = true
            }
            return isChanged ? node.with(.sequence(elements)) : nil
        case .mapping(var pairs):
            var isChanged = false
            for index in pairs.indices {
                let variable = namedVariable(pairs[index])
                let value = resolved(pairs[index].value)
                guard variable != nil || value != nil else { continue }
                pairs[index].variable = variable
                if let value { pairs[index].value = value }
                isChanged = true
            }
            return isChanged ? node.with(.mapping(pairs)) : nil
        }
    }

    /// Returns the text of the variable that a pair such as `addr_env: NAME` names; nil if the pair names no
    /// variable.
    ///
    /// It does not check whether there is a field `addr`, which only the reader of the fields knows.
    private mutating func namedVariable(_ pair: Node.Pair) -> Node? {
        guard FieldReader.namesVariable(pair.key.string), let scalar = pair.value.scalar, scalar.isText,
            VariableReference.isName(scalar.text)
        else { return nil }
        guard case .value(let use, let text, let isSecret) = answer(to: scalar.text) else { return nil }
        return Node(
            .scalar(Scalar(text, style: .external)), at: pair.value.location, origin: .variables([use]),
            isSecret: isSecret)
    }

    private func answer(to name: String) -> ProjectVariables.Answer {
        variables.answer(to: name, in: entry?.namespace ?? "")
    }

    /// Returns a text with its placeholders replaced; nil if it has none.
    private mutating func resolved(_ node: Node, _ scalar: Scalar) -> Node? {
        var uses: [VariableUse] = []
        switch node.origin {
        // The text of a file does not change, because code has its own placeholders.
        case .file?: return nil
        case .missingVariable?: return nil
        case .variables(let known)?: uses = known
        case nil: break
        }
        guard scalar.isText, let parts = PlaceholderText(scalar.text)?.parts else { return nil }
        var text = ""
        var isSecret = false
        var isMissing = false
        var isFromOutside = false
        var unknown: String?
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .placeholder(let inner):
                guard let reference = VariableReference(inner) else {
                    text += "${\(inner)}"
                    unknown = unknown ?? inner
                    // An unknown placeholder does not change. If it begins with `env:`, it is an error.
                    if inner.hasExactPrefix("env:") { (isFromOutside, isMissing) = (true, true) }
                    continue
                }
                isFromOutside = true
                switch (answer(to: reference.name), reference.fallback) {
                case (.value(let use, let value, let hides), _):
                    text += value
                    uses.append(use)
                    isSecret = isSecret || hides
                case (.unset, let fallback?), (.unknown, let fallback?): text += fallback
                case (.unset(let reason), nil):
                    note(reference.name, at: node.location, reason)
                    isMissing = true
                case (.unknown(let reason, let suggestion), nil):
                    note(reference.name, at: node.location, reason, suggesting: suggestion)
                    isMissing = true
                case (.broken, _): isMissing = true
                }
            }
        }
        if let unknown { problems.append(problem(with: unknown, at: node.location)) }
        guard isFromOutside || !uses.isEmpty else { return node.with(.scalar(Scalar(text, style: scalar.style))) }
        return Node(
            .scalar(Scalar(text, style: .external)), at: node.location,
            origin: isMissing ? .missingVariable : uses.isEmpty ? nil : .variables(uses), isSecret: isSecret)
    }

    private mutating func note(
        _ name: String, at place: Location, _ reason: String, suggesting suggestion: String? = nil
    ) {
        guard variables.areComplete else { return }
        let new = Missing(reason: reason, suggestion: suggestion, entry: entry)
        missing[ExactText(name), default: new].places.append(place)
    }

    private func problem(with placeholder: String, at place: Location) -> Diagnostic {
        if placeholder.hasExactPrefix("env:") {
            let form = "write '${env:NAME}' or '${env:NAME|default}', with a name of letters, digits and '_'"
            return .error(at: place, entry: entry, "'${\(placeholder)}' does not name a variable: \(form)")
        }
        return .warning(at: place, entry: entry, "'${\(placeholder)}' \(PlaceholderText.hasNoEffect)")
    }

    private mutating func refusePlaceholders(in node: Node, because reason: String) {
        switch node.content {
        case .scalar(let scalar):
            guard scalar.isText, let parts = PlaceholderText(scalar.text)?.parts else { return }
            for case .placeholder(let inner) in parts where VariableReference(inner) != nil {
                problems.append(
                    .error(at: node.location, entry: entry, "'${\(inner)}' is not allowed here: \(reason)"))
            }
        case .sequence(let elements): for element in elements { refusePlaceholders(in: element, because: reason) }
        case .mapping(let pairs): for pair in pairs { refusePlaceholders(in: pair.value, because: reason) }
        }
    }
}
