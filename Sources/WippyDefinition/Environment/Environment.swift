import WippyText

/// The variables that a project's values can name: those that its entries declare, and the process's environment.
struct Environment {
    /// What a name stands for.
    enum Answer {
        case value(VariableUse, text: String, isSecret: Bool)
        /// It is declared and has no text; why, as the end of a sentence.
        case unset(String)
        /// Nobody knows it; what may be meant, as the end of a sentence.
        case unknown(String)
        /// The entries that declare it have errors of their own.
        case broken
    }

    private enum Storage {
        case system
        case texts([ExactText: (text: String, place: Location)])
        case router([EntryID])
    }

    private struct Variable {
        let config: VariableConfig
        let value: VariableValue
    }

    private let system: SystemVariables
    private var storages: [EntryID: Storage] = [:]
    private var broken: Set<EntryID> = []
    private var variables: [EntryID: Variable] = [:]
    private var publicNames: [ExactText: EntryID] = [:]

    /// The files that were looked for, found or not.
    private(set) var places: [String] = []

    /// Reads the storages of a project's entries, each once, and what its variables are.
    ///
    /// What their kinds find wrong with the entries is theirs to report.
    ///
    /// - Parameter folder: the project's folder.
    init(
        _ entries: [EntryDeclaration], system: SystemVariables, folder: String, limits: SourceLimits,
        report: inout Report
    ) {
        self.system = system
        for entry in entries { readStorage(entry, folder, limits, &report) }
        for entry in entries { readVariable(entry) }
    }

    /// Whether an entry is one of those from which the environment is made: no placeholder can stand in it.
    static func declares(_ entry: EntryDeclaration) -> Bool {
        entry.kind.hasExactPrefix("env.storage.") || ExactText.areEqual(entry.kind, "env.variable")
    }

    /// What an entry that declares a variable has been read as.
    func value(of id: EntryID) -> VariableValue? { variables[id]?.value }

    /// What a name stands for that an entry of a namespace writes: a public name, an id, else a variable of the
    /// environment.
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
        let nearest = Spelling.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
        let help = nearest ?? "set it, or write '${env:\(name)|…}' with a default"
        return .unknown("no 'env.variable' is called so, and \(SystemVariables.place) does not have it; \(help)")
    }

    private func declaredID(_ name: String, in namespace: String) -> EntryID? {
        guard let id = EntryID(name, relativeTo: namespace) else { return nil }
        return variables[id] != nil || broken.contains(id) ? id : nil
    }

    private func reason(for id: EntryID, _ variable: Variable) -> String {
        let storage = variable.config.storage.map { "'\($0.id)'" } ?? "\(SystemVariables.place)"
        return "\(storage) does not have '\(name(of: id, variable.config))', and '\(id)' has no default"
    }

    private func name(of id: EntryID, _ config: VariableConfig) -> String { config.name?.string ?? id.name }

    private mutating func readStorage(
        _ entry: EntryDeclaration, _ folder: String, _ limits: SourceLimits, _ report: inout Report
    ) {
        switch ExactText(entry.kind) {
        case "env.storage.os": storages[entry.id] = .system
        case "env.storage.memory": storages[entry.id] = .texts([:])
        case "env.storage.static":
            guard let config = read(entry, as: StaticStorageConfig.self) else { return }
            let place = entry.data["values"]?.location ?? entry.location
            storages[entry.id] = .texts(
                Dictionary(
                    uniqueKeysWithValues: config.values.map { name, secret in
                        (name, (secret.text, entry.data["values"]?[name.string]?.location ?? place))
                    }))
        case "env.storage.router":
            storages[entry.id] = read(entry, as: RouterStorageConfig.self).map { .router($0.storages) }
        case "env.storage.file":
            guard let config = read(entry, as: FileStorageConfig.self) else { return }
            storages[entry.id] = .texts([:])
            readFile(config, of: entry, folder, limits, &report)
        default: break
        }
    }

    private mutating func readFile(
        _ config: FileStorageConfig, of entry: EntryDeclaration, _ folder: String, _ limits: SourceLimits,
        _ report: inout Report
    ) {
        places.append(config.path)
        do throws(FileSystem.Failure) {
            let text = try FileSystem.text(of: Path.join(folder, config.path), limit: limits.fileBytes)
            let file = VariableFile(SourceFile(path: config.path, text: text))
            report.add(file.problems)
            storages[entry.id] = .texts(file.texts)
            if file.problems.isEmpty { return }
        } catch {
            if error.isAbsence, config.mayBeAbsent { return }
            let help = error.isAbsence ? "; with 'auto_create: true' it need not" : ""
            let place = entry.data["file_path"]?.location ?? entry.location
            let sentence = "'file_path' names '\(config.path)', which \(error.sentence)\(help)"
            report.add(.error(at: place, entry: entry.id, sentence))
        }
        broken.insert(entry.id)
    }

    private mutating func readVariable(_ entry: EntryDeclaration) {
        guard ExactText.areEqual(entry.kind, "env.variable") else { return }
        guard let config = read(entry, as: VariableConfig.self) else { return }
        if let name = config.name, publicNames[name] == nil { publicNames[name] = entry.id }
        var found: (text: String, place: Location)?
        if let storage = config.storage?.id {
            var seen: Set<EntryID> = []
            found = text(of: name(of: entry.id, config), in: storage, &seen)
            if seen.contains(where: { storages[$0] == nil || broken.contains($0) }) { broken.insert(entry.id) }
        } else {
            found = system[name(of: entry.id, config)].map { ($0, SystemVariables.place) }
        }
        let text = found ?? config.fallback
        variables[entry.id] = Variable(
            config: config,
            value: VariableValue(
                text: text?.text, place: text?.place ?? entry.location, isSecret: config.isSecret))
    }

    /// The text that a storage has; an empty one is none.
    private func text(
        of name: String, in storage: EntryID, _ seen: inout Set<EntryID>
    ) -> (text: String, place: Location)? {
        guard seen.insert(storage).inserted else { return nil }
        switch storages[storage] {
        case .system?: return system[name].map { ($0, SystemVariables.place) }
        case .texts(let texts)?: return texts[ExactText(name)].flatMap { $0.text.isEmpty ? nil : $0 }
        case .router(let storages)?:
            for storage in storages {
                if let found = text(of: name, in: storage, &seen) { return found }
            }
            return nil
        case nil: return nil
        }
    }

    /// The configuration of an entry; nil if it has errors, which its kind reports.
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
