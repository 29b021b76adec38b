import WippyApplication
import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

/// `registry`: shows the entries that the project in the folder declares.
struct RegistryCommand: Command {
    static let name = "registry"
    static let summary = "List the entries of the project in this folder, or show one, without running it."
    static let discussion = """
        'registry list' shows each entry's id and kind. 'registry show <id>' shows one entry as its kind reads it: each
        field, its value, and the source of the value, which is a place in a file, an option, a variable, or the
        default. Secrets are hidden. To see the project's errors, use 'lint'.

        In a pattern, '*' stands for any text and '?' for any one character.
        """

    private enum Action {
        case list(EntryFilter)
        case show(String, field: String?, isRaw: Bool)
    }

    private enum Format {
        case text, json, yaml
    }

    private let action: Action?
    private let format: Format
    private let application: Application
    private let program: String

    init(from options: inout OptionReader) throws {
        let action = options.operand("action", among: ["list", "show"], isRequired: true, "The action.")
        let id = options.operand("id", "For 'show': the entry's id, or its name if no other entry has that name.")
        var filter = EntryFilter()
        filter.kind = options.value("kind", letter: "k", valueName: "pattern", "List only entries whose kind matches.")
        filter.namespace = options.value(
            "ns", letter: "n", valueName: "pattern", "List only entries whose namespace matches.")
        filter.name = options.value("name", valueName: "pattern", "List only entries whose name matches.")
        let meta = options.values(
            "meta", valueName: "field=pattern",
            "List only entries whose field of 'meta' matches. You can repeat the option.")
        let field = options.value(
            "field", letter: "f", valueName: "path", "Show only the value of this field, as text.")
        let isRaw = options.flag("raw", "Show the declaration in the form of a definition file.")
        let (isJSON, isYAML) = (options.flag("json", "Print JSON."), options.flag("yaml", "Print YAML."))
        application = options.application()
        program = options.tool.name
        format = isJSON ? .json : isYAML ? .yaml : .text
        if isJSON && isYAML { throw UsageError("give '--json' or '--yaml', not both") }
        filter.meta = try meta.map { try EntryFilter.Meta($0) }
        switch action.map({ ExactText($0) }) {
        case "list"?:
            guard id == nil else { throw UsageError("'registry list' takes no id; 'registry show' does") }
            guard field == nil, !isRaw else { throw UsageError("'--field' and '--raw' are for 'registry show' only") }
            self.action = .list(filter)
        case "show"?:
            guard let id else { throw UsageError("'registry show' needs the id of an entry") }
            guard filter.isEmpty else {
                throw UsageError("'--kind', '--ns', '--name' and '--meta' are for 'registry list' only")
            }
            guard !isRaw || (field == nil && !isJSON) else {
                throw UsageError("'--raw' cannot be used with '--field' or '--json'")
            }
            self.action = .show(id, field: field, isRaw: isRaw)
        default: self.action = nil
        }
    }

    func run() throws -> Int32 {
        let checked = application.read()
        if !checked.report.isValid {
            Console.error("the project has \(checked.report.summary); '\(program) lint' shows them")
        }
        switch action {
        case .list(let filter)?:
            try list(checked.declarations.map { ShownEntry($0, in: checked) }.filter(filter.matches))
        case .show(let id, let field, let isRaw)?: try show(try checked.entry(called: id), field: field, isRaw: isRaw)
        case nil: break
        }
        return 0
    }

    private func list(_ entries: [ShownEntry]) throws {
        switch format {
        case .json: try Console.out(JSON.text(of: .list(entries.map(\.summary))))
        case .yaml: try Console.out(YAMLText.block(.list(entries.map(\.summary))), terminator: "")
        case .text:
            let rows = [["ID", "KIND"]] + entries.map { ["\($0.id)".visible, $0.kind.visible] }
            let count = entries.count == 1 ? "1 entry" : "\(entries.count) entries"
            try Console.out("\(TextTable(rows))\n\nTotal: \(count)")
        }
    }

    private func show(_ entry: ShownEntry, field: String?, isRaw: Bool) throws {
        if let field {
            try Console.out(try entry.text(of: field))
        } else if isRaw {
            try Console.out(entry.definition, terminator: "")
        } else {
            switch format {
            case .json: try Console.out(JSON.text(of: entry.value))
            case .yaml: try Console.out(YAMLText.block(entry.value), terminator: "")
            case .text: try Console.out(entry.sheet)
            }
        }
    }
}

extension CheckedProject {
    /// Returns the entry with an id, or the only entry with a name.
    ///
    /// - Throws: ``UsageError`` when no entry has the id or the name, or when several entries have the name.
    fileprivate func entry(called text: String) throws(UsageError) -> ShownEntry {
        let found = declarations.filter {
            ExactText.areEqual($0.id.description, text) || ExactText.areEqual($0.id.name, text)
        }
        let exact = found.first { ExactText.areEqual($0.id.description, text) }
        guard let declaration = exact ?? (found.count == 1 ? found[0] : nil) else {
            guard found.isEmpty else {
                let ids = found.map { "\($0.id)" }.joined(separator: ", ")
                throw UsageError("'\(text)' is the name of several entries: \(ids); give the id of one of them")
            }
            let names = declarations.flatMap { ["\($0.id)", $0.id.name] }
            throw UsageError(
                "there is no entry '\(text)'\(Spelling.suggestion(Spelling.nearest(to: text, among: names)))")
        }
        return ShownEntry(declaration, in: self)
    }
}
