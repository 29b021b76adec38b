import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

/// An entry as the command line shows it: without its secrets.
struct ShownEntry {
    let id: EntryID
    let kind: String

    private let declaration: EntryDeclaration
    private let checked: CheckedProject

    init(_ declaration: EntryDeclaration, in checked: CheckedProject) {
        id = declaration.id
        kind = declaration.kind
        self.declaration = declaration
        self.checked = checked
    }

    /// The fields; none where the kind is not there to read them.
    private var fields: [ReadField] { checked.fields(of: declaration) ?? [] }

    /// What is written in `meta`.
    var meta: Value {
        Self.map(of: fields.filter { $0.isMeta && $0.isWritten }.map { ($0.names.dropFirst(), $0.value) })
    }

    /// What a list has of it.
    var summary: Value { ["id": .string("\(id)"), "kind": .string(kind), "meta": meta] }

    /// Everything.
    var value: Value {
        let fields = fields
        let data = fields.filter { !$0.isMeta && $0.isWritten }.map { ($0.names[...], $0.value) }
        return [
            "id": .string("\(id)"), "kind": .string(kind), "location": .string("\(declaration.location)"), "meta": meta,
            "data": Self.map(of: data), "fields": .list(fields.map(\.record)),
        ]
    }

    /// What is written of it, as an element of `entries`.
    var definition: String {
        let written = fields.filter { $0.isWritten }
        var text = "name: \(YAMLText.inline(.string(id.name)))\nkind: \(YAMLText.inline(.string(kind)))\n"
        if written.contains(where: \.isMeta) { text += YAMLText.block(["meta": meta]) }
        let data = Self.map(of: written.filter { !$0.isMeta }.map { ($0.names[...], $0.value) })
        return data.map?.isEmpty == false ? text + YAMLText.block(data) : text
    }

    /// The text of one field.
    ///
    /// - Throws: ``UsageError`` if there is nothing to show.
    func text(of path: String) throws(UsageError) -> String {
        let fields = fields
        let wanted = path.hasExactPrefix("data.") ? path.dropping("data.") : path
        guard let field = fields.first(where: { ExactText.areEqual($0.path, wanted) }) else {
            let nearest = Spelling.nearest(to: wanted, among: fields.map(\.path))
            throw UsageError("\(id) has no field '\(path)'\(Spelling.suggestion(nearest))")
        }
        if field.isSecret { throw UsageError("'\(path)' of \(id) is a secret, so it is not shown") }
        guard field.isWritten || field.value != .null else { throw UsageError("'\(path)' of \(id) is not set") }
        return field.value.plainText
    }

    /// A table of everything, for a person.
    var sheet: String {
        let known = checked.fields(of: declaration)
        var head = [
            ["ID", "\(id)".visible], ["Kind", kind.visible], ["Declared at", "\(declaration.location)".visible],
        ]
        if let variable = declaration.variable {
            head.append(["Text", variable.isSecret ? Self.secret : "\(variable)".visible])
            head.append(["Taken from", "\(variable.place)".visible])
        }
        guard let fields = known else {
            return "\(TextTable(head))\n\nThis program does not have its kind, so it does not know its fields."
        }
        let groups = [("Metadata", fields.filter(\.isMeta)), ("Data", fields.filter { !$0.isMeta })]
        let rows = groups.flatMap { title, fields in fields.isEmpty ? [] : [["\n\(title)"]] + fields.map(\.row) }
        return "\(TextTable(head))\n\(TextTable(rows))"
    }

    /// What stands for a secret.
    fileprivate static let secret = "(secret)"

    /// Values by the names that lead to them, each map in the one above it.
    private static func map(of values: [(names: ArraySlice<ExactText>, value: Value)]) -> Value {
        let groups = Dictionary(grouping: values.filter { !$0.names.isEmpty }) { $0.names.first ?? "" }
        let pairs = groups.map { name, values in
            let whole = values.first { $0.names.count == 1 }?.value
            return (name.string, whole ?? map(of: values.map { ($0.names.dropFirst(), $0.value) }))
        }
        return .map(ValueMap(pairs, onRepeatedKey: .keepFirst))
    }
}

extension ReadField {
    fileprivate var isMeta: Bool { names.first == "meta" }

    fileprivate var isWritten: Bool {
        if case .written = source { true } else { false }
    }

    /// The field for a program that reads it.
    fileprivate var record: Value {
        var record: ValueMap = ["path": .string(path), "value": value, "source": .string(sourceName)]
        if case .written(let place, let origin) = source {
            record["location"] = .string("\(place)")
            if isSecret { record["secret"] = true }
            if isIgnored { record["ignored"] = true }
            switch origin {
            case .file(let path)?: record["file"] = .string(path)
            case .variables(let uses)?: record["variables"] = .list(uses.map { .string($0.name) })
            case .missingVariable?, nil: break
            }
        }
        return .map(record)
    }

    private var sourceName: String {
        switch source {
        case .written: "written"
        case .standard: "default"
        case .nothing: "unset"
        }
    }

    /// The field for a person.
    fileprivate var row: [String] {
        let shown: String =
            switch source {
            case .nothing: "-"
            case .written where isSecret: ShownEntry.secret
            case .written(_, .missingVariable?): "-"
            case .written, .standard: value.shortText
            }
        let name = isMeta ? path.dropping("meta.") : path
        return ["  \(name.visible)", shown, sourceText.visible]
    }

    private var sourceText: String {
        switch source {
        case .nothing: return "not set"
        case .standard: return "default"
        case .written(let place, let origin):
            let text =
                switch origin {
                case .file(let path)?: "\(place), from \(path)"
                case .missingVariable?: "\(place), a variable without a value"
                case .variables(let uses)?:
                    uses.reduce("\(place)") { "\($0), the variable \($1.name) of \($1.place)" }
                case nil: "\(place)"
                }
            return isIgnored ? "\(text), no effect" : text
        }
    }
}

extension Value {
    /// A text as it is, anything else as YAML in one line.
    var plainText: String {
        if case .string(let text) = self { text } else { YAMLText.inline(self) }
    }

    /// The value in one line, cut where it is long.
    fileprivate var shortText: String {
        let text = YAMLText.inline(self).visible
        let isLong = text.unicodeScalars.count > 40
        return isLong ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(39))) + "…" : text
    }
}
