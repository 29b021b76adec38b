import WippyText

/// The variables that a project's values can name: variables of its entries and of the process's environment.
struct ProjectVariables {
    /// The result of a search for a variable by its name.
    enum Answer {
        case value(VariableUse, text: String, isSecret: Bool)
        /// The variable is declared but has no text.
        ///
        /// The associated text is the reason, as the end of a sentence.
        case unset(String)
        /// There is no such variable.
        ///
        /// The text is the reason, as the end of a sentence. The suggestion is a similar name; nil if there is none.
        case unknown(String, suggestion: String?)
        /// The entry of the variable, or of its storage, has errors.
        case broken
    }

    private struct Variable {
        let config: any VariableConfig
        let value: VariableValue
    }

    private struct Storage {
        let texts: StoredTexts
        let reading: StorageReading
    }

    /// A search for a text in one storage after another.
    private struct Search {
        var seen: Set<EntryID> = []
        /// True if a storage that was asked has errors, or has reported a problem with the text.
        var hasFailed = false
        /// The storage that has the text; nil if none has it.
        var source: EntryID?
    }

    private let kinds: VariableKinds
    private let system: SystemVariables
    private var storages: [EntryID: Storage] = [:]
    private var readings: [StorageReading] = []
    private var broken: Set<EntryID> = []
    private var variables: [EntryID: Variable] = [:]
    private var publicNames: [ExactText: EntryID] = [:]

    /// The paths of the files that were searched, including missing ones.
    var places: [String] { readings.flatMap(\.places) }

    /// Reads the storages of a project, each once, and the values of its variables.
    ///
    /// Errors in the entries are reported later, when their kinds read them.
    ///
    /// - Parameters:
    ///   - kinds: the kinds of variables and storages.
    ///   - folder: the project's folder.
    init(
        _ entries: [EntryDeclaration], kinds: VariableKinds, system: SystemVariables, folder: String,
        limits: SourceLimits, report: inout Report
    ) {
        self.kinds = kinds
        self.system = system
        for entry in entries {
            guard let type = kinds.storages[ExactText(entry.kind)], let config = read(entry, as: type) else { continue }
            let reading = StorageReading(entry, system: system, folder: folder, limits: limits)
            storages[entry.id] = Storage(texts: config.texts(with: reading), reading: reading)
            readings.append(reading)
            if reading.hasErrors { broken.insert(entry.id) }
        }
        for entry in entries {
            if let type = kinds.variables[ExactText(entry.kind)] { readVariable(entry, as: type) }
        }
        for reading in readings { report.add(reading.problems) }
    }

    /// False if another environment may have more variables.
    var areComplete: Bool { system.isComplete }

    /// Returns the reason why an entry cannot have placeholders; nil if it can.
    ///
    /// Variables and storages cannot.
    func reasonAgainstPlaceholders(in entry: EntryDeclaration) -> String? {
        let kind = ExactText(entry.kind)
        if kinds.storages[kind] != nil { return "a storage of variables cannot use variables itself" }
        return kinds.variables[kind] != nil ? "a variable cannot use other variables" : nil
    }

    /// Returns the value of the variable that an entry declares; nil if the entry is not a variable.
    func value(of id: EntryID) -> VariableValue? { variables[id]?.value }

    /// Returns the variable with a name that an entry of a namespace uses.
    ///
    /// The name is looked up as a public name, then as an id, and then as a variable of the process's environment.
    func answer(to name: String, in namespace: String) -> Answer {
        if let id = publicNames[ExactText(name)] ?? declaredID(name, in: namespace) {
            guard let variable = variables[id], !broken.contains(id) else { return .broken }
            guard let text = variable.value.text else { return .unset(reason(for: id, variable)) }
            return .value(
                VariableUse(name: name, place: variable.value.place), text: text, isSecret: variable.value.isSecret)
        }
        if let text = system[name] {
            return .value(VariableUse(name: name, place: SystemVariables.place), text: text, isSecret: false)
        }
        let names = publicNames.keys.map(\.string) + variables.keys.map(\.description)
        let nearest = Spelling.nearest(to: name, among: names)
        let help =
            nearest == nil
            ? "; set it, or write '${env:\(name)|…}' with a default" : Spelling.suggestion(nearest)
        return .unknown(
            "no variable of the project has that name, and \(SystemVariables.place) does not have it\(help)",
            suggestion: nearest)
    }

    private func declaredID(_ name: String, in namespace: String) -> EntryID? {
        guard let id = EntryID(name, relativeTo: namespace) else { return nil }
        return variables[id] != nil || broken.contains(id) ? id : nil
    }

    private func reason(for id: EntryID, _ variable: Variable) -> String {
        let storage = variable.config.storage.map { "'\($0.id)'" } ?? "\(SystemVariables.place)"
        return "\(storage) does not have '\(name(of: id, variable.config))', and '\(id)' has no default"
    }

    private func name(of id: EntryID, _ config: any VariableConfig) -> String { config.name?.string ?? id.name }

    private mutating func readVariable(_ entry: EntryDeclaration, as type: any VariableConfig.Type) {
        guard let config = read(entry, as: type) else { return }
        if let name = config.name, publicNames[name] == nil { publicNames[name] = entry.id }
        var found: StoredText?
        var search = Search()
        if let storage = config.storage?.id {
            found = text(of: name(of: entry.id, config), in: storage, &search)
            if search.hasFailed { broken.insert(entry.id) }
        } else {
            found = system[name(of: entry.id, config)].map { StoredText($0, at: SystemVariables.place) }
        }
        let text = found ?? config.fallback
        variables[entry.id] = Variable(
            config: config,
            value: VariableValue(
                text: text?.text, place: text?.place ?? entry.location, isSecret: config.isSecret,
                storage: search.source))
    }

    /// Returns the text of a name in a storage; nil if there is none.
    private func text(of name: String, in id: EntryID, _ search: inout Search) -> StoredText? {
        guard search.seen.insert(id).inserted else { return nil }
        guard let storage = storages[id] else {
            search.hasFailed = true
            return nil
        }
        if broken.contains(id) { search.hasFailed = true }
        switch storage.texts {
        case .lookup(let text):
            let problemsBefore = storage.reading.problems.count
            let found = text(name)
            if storage.reading.problems.count > problemsBefore { search.hasFailed = true }
            guard let found, !found.text.isEmpty else { return nil }
            search.source = id
            return found
        case .storages(let ids):
            for id in ids {
                if let found = text(of: name, in: id, &search) { return found }
            }
            return nil
        }
    }

    /// Returns the config of an entry; nil if it has errors, which its kind reports.
    private mutating func read<Config: EntryConfig>(_ entry: EntryDeclaration, as type: Config.Type) -> Config? {
        var fields = FieldReader(entry, isLenient: true)
        let config = Config(from: &fields)
        guard !fields.finish().contains(where: { $0.severity == .error }) else {
            broken.insert(entry.id)
            return nil
        }
        return config
    }
}
