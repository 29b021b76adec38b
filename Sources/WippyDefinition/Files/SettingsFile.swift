import WippyText

/// The map of `.wippy.yaml`.
///
/// Profiles, then `--set`, and then variables are applied to it. After that, settings are read from it.
///
///     vars: {port: 8080}
///     override:
///       app:gateway:addr: ":${port}"
///     profiles:
///       production:
///         vars: {port: 80}
struct SettingsFile {
    private(set) var root: Node
    private(set) var problems: [Diagnostic] = []

    init(_ root: Node) {
        self.root = root
    }

    /// Applies profiles to the map in order.
    ///
    /// A later profile replaces single values of an earlier one.
    mutating func lay(_ profiles: [String]) {
        let declared = SettingsSources(of: root).profiles
        for name in profiles {
            guard let profile = declared.pair(name)?.value else {
                let place = Location(source: "--profile \(name)")
                let nearest = Spelling.nearest(to: name, among: declared.map(\.key.string))
                problems.append(
                    .error(at: place, "the settings file has no profile '\(name)'").suggesting(nearest))
                continue
            }
            guard profile.isMap || profile.isNull else {
                let sentence = "'profiles.\(name)' must be a map of sections, got \(profile.found)"
                problems.append(.error(at: profile.location, sentence))
                continue
            }
            root.lay(profile)
        }
    }

    /// Sets the values of the options `--set`.
    mutating func apply(_ changes: [NodeChange]) { root.apply(changes, &problems) }

    /// Replaces `${name}` by the text in `vars`, and `${env:NAME}` by the text in the process's
    /// environment.
    ///
    /// In the section `override`, `${env:NAME}` stays. It is replaced later, when the project's own variables are
    /// known. Only sections of this program have placeholders, because the others belong to other programs.
    ///
    /// - Parameter sections: the names of the sections of this program.
    mutating func resolve(_ environment: SystemVariables, in sections: Set<ExactText>) {
        let sources = SettingsSources(of: root)
        let sections = sections.subtracting(FieldReader.sections { _ = SettingsSources(from: &$0) })
        var resolver = SettingsResolver(
            vars: sources.vars, environment: environment, namesElsewhere: environment.isComplete ? [] : sources.allNames
        )
        for index in root.pairs.indices {
            guard case .mapping(var pairs) = root.content else { return }
            let section = pairs[index].key
            guard sections.contains(section) else { continue }
            pairs[index].value = resolver.resolve(
                pairs[index].value, isForEntries: section == ProjectSettings.overrideSection)
            root.content = .mapping(pairs)
        }
        problems += resolver.problems
    }
}

extension FieldReader {
    /// Returns the names of the sections that a closure reads.
    static func sections(of read: (inout FieldReader) -> Void) -> Set<ExactText> {
        var fields = FieldReader()
        read(&fields)
        return Set(fields.descriptions.map { ExactText(String($0.path.unicodeScalars.prefix { $0 != "." })) })
    }
}

/// The sections of `.wippy.yaml` that change the other sections.
struct SettingsSources {
    /// The texts for placeholders, by name.
    let vars: [Node.Pair]

    /// The groups of sections, by name.
    let profiles: [Node.Pair]

    /// The name of the section with the ``vars``, in the file and in each profile.
    fileprivate static let varsSection = "vars"

    /// Reads the sections.
    init(from fields: inout FieldReader) {
        vars = fields.pairs(
            Self.varsSection, of: .spelling, words: "a map of names to strings and numbers",
            "The values of `${name}` in this file.")
        for pair in vars where pair.value.scalar == nil || pair.value.isNull {
            fields.reject(
                "\(Self.varsSection).\(pair.key)", "must be a string or a number, got \(pair.value.found)",
                at: pair.value.location)
        }
        profiles = fields.pairs(
            "profiles", of: .any, words: "a map of names to maps of sections",
            "Groups of settings, by name. `--profile` chooses a group, which changes the settings of this file.")
    }

    /// The names of the variables in all profiles.
    fileprivate var allNames: Set<ExactText> {
        Set(profiles.flatMap { $0.value.pair(Self.varsSection)?.value.pairs.map(\.key) ?? [] })
    }

    /// Reads the sections of a file's map.
    ///
    /// Errors are reported later, when the settings are read.
    fileprivate init(of root: Node) {
        var fields = FieldReader(root, unknownFields: .silence)
        self.init(from: &fields)
    }
}

extension [Node.Pair] {
    fileprivate func pair(_ name: String) -> Node.Pair? { first { $0.key == ExactText(name) } }
}

extension Node {
    /// Applies another map to this one: its values replace values here, and the other values stay.
    ///
    /// The key `name.add` adds elements to the list `name`, and `name.remove` removes elements from it. A list or a map
    /// that is missing here counts as empty.
    fileprivate mutating func lay(_ other: Node) {
        guard isMap || isNull, other.isMap else {
            if !other.isNull { self = other }
            return
        }
        var pairs = self.pairs
        for pair in other.pairs {
            let key = pair.key.string
            let added = key.hasExactSuffix(".add") ? String(key.dropLast(4)) : nil
            let removed = key.hasExactSuffix(".remove") ? String(key.dropLast(7)) : nil
            if let name = added ?? removed, let place = pairs.firstIndex(where: { $0.key == ExactText(name) }) {
                pairs[place].value.edit(adding: added != nil, pair.value)
            } else if let added {
                pairs.append(Pair(key: added, keyLocation: pair.keyLocation, value: pair.value))
            } else if removed != nil {
                continue
            } else if let place = pairs.firstIndex(where: { $0.key == pair.key }) {
                var value = pairs[place].value
                value.lay(pair.value)
                pairs[place] = Pair(key: key, keyLocation: pair.keyLocation, value: value)
            } else {
                var value = pair.value
                if value.isMap {
                    value.content = .mapping([])
                    value.lay(pair.value)
                }
                pairs.append(Pair(key: key, keyLocation: pair.keyLocation, value: value))
            }
        }
        content = .mapping(pairs)
    }

    /// Adds the elements of another list, or removes the elements with the same texts.
    private mutating func edit(adding isAdded: Bool, _ other: Node) {
        guard case .sequence(let elements) = content, case .sequence(let others) = other.content else { return }
        let texts = Set(others.compactMap { $0.scalar.map { ExactText($0.text) } })
        content = .sequence(
            isAdded
                ? elements + others
                : elements.filter { $0.scalar.map { !texts.contains(ExactText($0.text)) } ?? true })
    }
}

/// Replaces the placeholders in `.wippy.yaml` by texts.
private struct SettingsResolver {
    let vars: [Node.Pair]
    let environment: SystemVariables
    /// The names of variables that other profiles may add.
    let namesElsewhere: Set<ExactText>
    private(set) var problems: [Diagnostic] = []
    /// The variables that are being resolved.
    ///
    /// Each names the next one.
    private var path: [ExactText] = []

    init(vars: [Node.Pair], environment: SystemVariables, namesElsewhere: Set<ExactText>) {
        (self.vars, self.environment, self.namesElsewhere) = (vars, environment, namesElsewhere)
    }

    mutating func resolve(_ node: Node, isForEntries: Bool) -> Node {
        var resolved = node
        switch node.content {
        case .sequence(let elements):
            resolved.content = .sequence(elements.map { resolve($0, isForEntries: isForEntries) })
        case .mapping(var pairs):
            for index in pairs.indices { pairs[index].value = resolve(pairs[index].value, isForEntries: isForEntries) }
            resolved.content = .mapping(pairs)
        case .scalar(let scalar):
            guard scalar.isText, let parts = PlaceholderText(scalar.text)?.parts else { return node }
            var uses: [VariableUse] = []
            var text = ""
            for part in parts {
                switch part {
                // The placeholders of an entry, and their escapes, are resolved later.
                case .text(let literal): text += isForEntries ? literal.escapingPlaceholders : literal
                case .placeholder(let inner):
                    let found = self.text(of: inner, at: node.location, isForEntries: isForEntries, &uses)
                    if found == nil, !isForEntries || vars.pair(inner) != nil || isElsewhere(inner) {
                        resolved.origin = .missingVariable
                    }
                    text += found ?? "${\(inner)}"
                }
            }
            let style = uses.isEmpty ? scalar.style : .external
            resolved.content = .scalar(Scalar(text, style: style))
            if !uses.isEmpty, resolved.origin == nil { resolved.origin = .variables(uses) }
        }
        return resolved
    }

    private func isElsewhere(_ name: String) -> Bool { namesElsewhere.contains(ExactText(name)) }

    /// Returns the text for a placeholder; nil if the placeholder is not replaced.
    private mutating func text(
        of placeholder: String, at place: Location, isForEntries: Bool, _ uses: inout [VariableUse]
    ) -> String? {
        if let pair = vars.pair(placeholder) {
            uses.append(VariableUse(name: placeholder, place: pair.value.location))
            return text(of: pair)
        }
        if isForEntries { return nil }
        if isElsewhere(placeholder) { return nil }
        guard let reference = VariableReference(placeholder) else {
            let nearest = Spelling.nearest(to: placeholder, among: vars.map(\.key.string))
            problems.append(
                .error(at: place, "'\(SettingsSources.varsSection)' has no '\(placeholder)'").suggesting(nearest))
            return nil
        }
        if let text = environment[reference.name] {
            uses.append(VariableUse(name: reference.name, place: SystemVariables.place))
            return text
        }
        if let fallback = reference.fallback { return fallback }
        guard environment.isComplete else { return nil }
        let help = "\(SystemVariables.place) does not have it; '${env:\(reference.name)|…}' gives it a default"
        problems.append(.error(at: place, "the variable '\(reference.name)' has no value: \(help)"))
        return nil
    }

    /// Returns the text of a variable, which may name other variables.
    private mutating func text(of pair: Node.Pair) -> String? {
        guard let scalar = pair.value.scalar, !pair.value.isNull else {
            let sentence =
                "'\(SettingsSources.varsSection).\(pair.key)' must be a string or a number, got \(pair.value.found)"
            problems.append(.error(at: pair.value.location, sentence))
            return nil
        }
        guard !path.contains(pair.key) else {
            let cycle = (path.drop { $0 != pair.key } + [pair.key]).map(\.string).joined(separator: " -> ")
            problems.append(
                .error(
                    at: pair.value.location, "'\(SettingsSources.varsSection).\(pair.key)' refers to itself: \(cycle)"))
            return nil
        }
        guard scalar.isText else { return scalar.text }
        path.append(pair.key)
        defer { path.removeLast() }
        let resolved = resolve(pair.value, isForEntries: false)
        return resolved.origin == .missingVariable ? nil : resolved.scalar?.text
    }
}

extension String {
    /// The text with `$${` in place of `${`, so that it is the same text when it is read later.
    fileprivate var escapingPlaceholders: String {
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar == "{", text.last == "$" { text.append("$") }
            text.append(scalar)
        }
        return String(text)
    }
}
