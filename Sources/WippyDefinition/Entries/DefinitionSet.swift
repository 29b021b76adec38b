import WippyText

/// The entries that a project declares and does not disable, with overrides and variables applied.
public struct DefinitionSet: Sendable {
    /// The entries that could be read, except those that are disabled or that code has removed.
    ///
    /// No id occurs twice.
    public private(set) var entries: [EntryDeclaration] = []

    /// The entries that the section `disable` leaves out, each with the place of a rule that matches it.
    public private(set) var disabled: [EntryID: Location] = [:]

    /// The paths at which `file://` values and storages of variables look for files, whether or not a file is there.
    public private(set) var textPlaces: [String] = []

    /// The last reading of each file, by its path.
    private var readings: [ExactText: FileReading] = [:]

    /// The words in the files that could not be parsed, by namespace.
    private var brokenWords: [ExactText: Set<ExactText>] = [:]
    private var leftOutFiles: [ExactText: Diagnostic] = [:]
    private var brokenEntries: Set<EntryID> = []

    /// Reads the declarations in the files, leaves out the disabled ones, and applies overrides and variables.
    ///
    /// - Parameters:
    ///   - sources: the files of the project.
    ///   - settings: the entries to disable, and the first overrides. Default: the default settings.
    ///   - overrides: more overrides, applied after those of the settings. If several set the same path, the last one
    ///     takes precedence. Default: none.
    ///   - environment: the variables of the process's environment. Default: those of this process.
    ///   - variableKinds: the kinds of variables and of their storages. Default: none.
    ///   - isLenient: if true, an id that is declared twice is a warning, and the last declaration takes precedence. If
    ///     false, such an id is an error. Default: false.
    ///   - changes: the changes that code has made. `sources` must have been read with the same changes. Default: none.
    ///   - old: the result of the last reading, from which unchanged files and entries are taken if that is possible.
    ///     Default: nil.
    ///   - report: receives the diagnostics.
    public init(
        _ sources: SourceSet, settings: ProjectSettings = ProjectSettings(), overrides: [Override] = [],
        environment: SystemVariables = .process, variableKinds: VariableKinds = VariableKinds(),
        isLenient: Bool = false, changes: EntryChanges = EntryChanges(), keeping old: DefinitionSet? = nil,
        report: inout Report
    ) {
        var values = ValueResolver(sources)
        let declared = declare(sources, resolving: &values, keeping: old?.readings ?? [:], report: &report)
        let valid = declared.filter { !changes.replaces($0.id) || EntryChanges.wrote($0.location.source) }
        let enabled = disable(valid, by: settings.disabled, report: &report)
        keepUnique(enabled, isLenient: isLenient, report: &report)
        apply(settings.overrides + overrides, in: sources, resolving: &values, report: &report)
        textPlaces = values.places.map(\.string)
        resolveVariables(in: sources, kinds: variableKinds, of: environment, report: &report)
    }

    /// Returns a hint about a missing entry: it may be in a JSON file that was left out.
    ///
    /// - Returns: the end of a sentence; nil if there is no hint.
    public func reasonForAbsence(of id: EntryID) -> String? {
        leftOutFiles[ExactText(id.namespace)].map { "it may be in \($0.location): \($0.message)" }
    }

    /// Returns a diagnostic about a missing entry, with the hint of ``reasonForAbsence(of:)``.
    ///
    /// - Returns: the diagnostic with the hint; nil if there is none.
    package func explained(_ problem: Diagnostic, missing id: EntryID) -> Diagnostic? {
        guard let help = reasonForAbsence(of: id), let leftOut = leftOutFiles[ExactText(id.namespace)] else {
            return nil
        }
        return Diagnostic(problem.severity, at: problem.location, entry: problem.entry, "\(problem.message); \(help)")
            .naming(leftOut.location)
    }

    /// Returns true if a missing entry is probably declared but could not be read.
    ///
    /// The report already has the cause of its absence.
    public func mayHide(_ id: EntryID) -> Bool {
        brokenEntries.contains(id)
            || brokenWords[ExactText(id.namespace)]?.contains(ExactText(id.name)) == true
    }

    private mutating func declare(
        _ sources: SourceSet, resolving values: inout ValueResolver, keeping old: [ExactText: FileReading],
        report: inout Report
    ) -> [EntryDeclaration] {
        for file in sources.leftOut { leaveOut(file.diagnostic, beginning: file.beginning) }
        var declared: [EntryDeclaration] = []
        var notes: [(file: SourceSet.DefinitionFile, diagnostics: [Diagnostic])] = []
        for file in sources.files {
            let path = ExactText(file.source.path)
            var reading = FileReading(file, limits: sources.limits, keeping: old[path])
            defer { readings[path] = reading }
            let result = reading.composed.text
            if result.wasAbandoned, file.source.path.namesJSON, !EntryChanges.wrote(file.source.path) {
                let diagnostics = result.problems.map(\.leavingOut)
                notes.append((file, diagnostics))
                for diagnostic in diagnostics { leaveOut(diagnostic, beginning: file.source.text) }
            } else if result.wasAbandoned {
                report.add(result.problems)
                report.hide(file.source)
                note(BrokenFile(file.source.text))
            } else if let root = result.root {
                // The reader takes the resolver and returns it. It would take quadratic time to copy all texts for
                // each file.
                var reader = EntryFileReader(file, values: consume values, knowing: reading.settled)
                let declares = reader.read(root)
                values = reader.values
                reading.settled = reader.settled
                guard declares else {
                    notes.append((file, reader.problems))
                    continue
                }
                report.add(result.problems + reader.problems)
                declared += reader.entries
                brokenEntries.formUnion(reader.brokenEntries)
            }
        }
        // If a `file://` value names a file, the file has a use, so it need not be a definition file.
        for note in notes where !values.hasRead(note.file) { report.add(note.diagnostics) }
        return declared
    }

    /// Reads the project's variables, and puts their texts into the entries that name the variables.
    private mutating func resolveVariables(
        in sources: SourceSet, kinds: VariableKinds, of system: SystemVariables, report: inout Report
    ) {
        let variables = ProjectVariables(
            entries, kinds: kinds, system: system, folder: sources.directory, limits: sources.limits,
            report: &report)
        textPlaces += variables.places
        var resolver = VariableResolver(variables)
        for index in entries.indices { entries[index] = resolver.resolved(entries[index]) }
        report.add(resolver.diagnostics)
    }

    private mutating func note(_ file: BrokenFile) {
        if let namespace = file.namespace { brokenWords[namespace, default: []].formUnion(file.words) }
    }

    /// Notes a JSON file that was left out, under the value of its first key `namespace`, if it has this key.
    private mutating func leaveOut(_ diagnostic: Diagnostic, beginning: String) {
        let isBetweenWords = { (byte: UInt8) in byte <= 0x20 || "\"{},[]".utf8.contains(byte) }
        let words = beginning.utf8.prefix(64 << 10).split(whereSeparator: isBetweenWords)
        let key = zip(words, words.dropFirst()).enumerated().first {
            $1.0.elementsEqual("namespace".utf8) && $1.1.elementsEqual(":".utf8)
        }
        guard let key, let namespace = words.dropFirst(key.offset + 2).first else { return }
        let name = ExactText(Substring(namespace))
        if leftOutFiles[name] == nil { leftOutFiles[name] = diagnostic }
    }

    private mutating func disable(
        _ declared: [EntryDeclaration], by rules: DisableRules, report: inout Report
    ) -> [EntryDeclaration] {
        var use = DisableRules.Use(rules)
        var enabled: [EntryDeclaration] = []
        for entry in declared {
            if let place = use.place(matching: entry) {
                disabled[entry.id] = place
            } else {
                enabled.append(entry)
            }
        }
        for place in use.unused { report.add(.warning(at: place, "the pattern matches no entry")) }
        return enabled
    }

    private mutating func keepUnique(_ declared: [EntryDeclaration], isLenient: Bool, report: inout Report) {
        var places: [EntryID: Int] = [:]
        for entry in declared {
            guard let first = places[entry.id] else {
                places[entry.id] = entries.count
                entries.append(entry)
                continue
            }
            let help = isLenient ? "; the last one is used" : ""
            report.add(
                Diagnostic(
                    isLenient ? .warning : .error, at: entry.location, entry: entry.id,
                    "declared twice, first at \(entries[first].location)\(help)"
                ).naming(entries[first].location))
            if isLenient { entries[first] = entry }
        }
    }

    /// Applies overrides.
    ///
    /// A `file://` value is resolved as if the file of its entry contained it.
    private mutating func apply(
        _ overrides: [Override], in sources: SourceSet, resolving values: inout ValueResolver, report: inout Report
    ) {
        guard !overrides.isEmpty else { return }
        let files = Dictionary(sources.files.map { (ExactText($0.source.path), $0) }) { first, _ in first }
        let places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.id, $0) })
        var spelling = EntrySpelling(places.keys)
        var overridesByPlace: [Int: [Override]] = [:]
        for override in overrides {
            guard let place = places[override.target] else {
                guard disabled[override.target] == nil, !mayHide(override.target) else { continue }
                let problem = Diagnostic.error(at: override.keyLocation, "there is no entry '\(override.target)'")
                let nearest = spelling.nearest(to: override.target)
                report.add(explained(problem, missing: override.target) ?? problem.suggesting(nearest))
                continue
            }
            var override = override
            var problems: [Diagnostic] = []
            if let file = files[ExactText(entries[place].location.source)] {
                override.value = values.resolve(override.value, in: file, entry: override.target, &problems)
            }
            report.add(problems)
            guard !problems.contains(where: { $0.severity == .error }) else { continue }
            overridesByPlace[place, default: []].append(override)
        }
        for (place, overrides) in overridesByPlace {
            var problems: [Diagnostic] = []
            entries[place] = entries[place].applying(overrides, &problems)
            report.add(problems)
        }
    }
}

/// A file that has been read, which is kept for the next reading.
private struct FileReading: Sendable {
    let composed: ComposedFile

    /// For each element of the file, the declaration that stays valid while the element's text is the same; nil if
    /// the element must be read again.
    var settled: [EntryDeclaration?] = []

    private let module: SourceRoot.Module?

    init(_ file: SourceSet.DefinitionFile, limits: SourceLimits, keeping old: FileReading?) {
        composed = ComposedFile(file.source, limits: limits, keeping: old?.composed)
        module = file.root.module
        guard let old, module == old.module else { return }
        settled = composed.keptPlaces.map { place in
            place.flatMap { $0 < old.settled.count ? old.settled[$0] : nil }
        }
    }
}

/// The namespace and the words of a file that could not be parsed.
private struct BrokenFile: Sendable {
    /// The namespace of the file's entries, from its first line that begins with `namespace:`.
    let namespace: ExactText?

    /// The words of the text, which include the names of entries.
    let words: Set<ExactText>

    init(_ text: String) {
        let isSpace = { (character: Character) in character.isWhitespace || "\"'{},[]".contains(character) }
        words = Set(text.split(whereSeparator: isSpace).map { ExactText($0) })
        let lines = text.split(whereSeparator: \.isNewline).lazy.map { $0.split(whereSeparator: isSpace) }
        namespace = lines.compactMap { Self.namespace(in: $0) }.first
    }

    /// Returns the value of `namespace: x`, `namespace : x` or `"namespace":"x"`, given as the words of a line.
    private static func namespace(in words: [Substring]) -> ExactText? {
        guard let first = words.first else { return nil }
        if first == "namespace:", words.count > 1 { return ExactText(words[1]) }
        if first == "namespace", words.count > 2, words[1] == ":" { return ExactText(words[2]) }
        guard first == "namespace", words.count > 1, words[1].hasExactPrefix(":") else { return nil }
        return ExactText(words[1].dropping(":"))
    }
}
