import WippyDefinition
import WippyRuntime
import WippyText
import WippyValues

/// An entry as the command line shows it, without its secrets.
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

    /// The fields of the entry.
    ///
    /// Empty if the program does not have the entry's kind.
    private var fields: [ReadField] { checked.fields(of: declaration) ?? [] }

    /// The written values of `meta`.
    var meta: Value {
        Self.map(of: fields.filter { $0.isMeta && $0.isWritten }.map { ($0.names.dropFirst(), $0.value) })
    }

    /// The entry's record in a list.
    var summary: Value { ["id": .string("\(id)"), "kind": .string(kind), "meta": meta] }

    /// The whole record of the entry.
    var value: Value {
        let fields = fields
        let data = fields.filter { !$0.isMeta && $0.isWritten }.map { ($0.names[...], $0.value) }
        return [
            "id": .string("\(id)"), "kind": .string(kind), "location": .string("\(declaration.location)"), "meta": meta,
            "data": Self.map(of: data), "fields": .list(fields.map(\.record)),
        ]
    }

    /// The written fields as YAML, in the form of an element of `entries`.
    var definition: String {
        let written = fields.filter { $0.isWritten }
        var text = "name: \(YAMLText.inline(.string(id.name)))\nkind: \(YAMLText.inline(.string(kind)))\n"
        if written.contains(where: \.isMeta) { text += YAMLText.block(["meta": meta]) }
        let data = Self.map(of: written.filter { !$0.isMeta }.map { ($0.names[...], $0.value) })
        return data.map?.isEmpty == false ? text + YAMLText.block(data) : text
    }

    /// Returns the text of one field.
    ///
    /// - Throws: ``UsageError`` when the entry has no such field, or when the field has no value or is a secret.
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

    /// A table of all fields, for a person.
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
            return "\(TextTable(head))\n\n"
                + "This program does not have the entry's kind. So it does not know the entry's fields."
        }
        let groups = [("Metadata", fields.filter(\.isMeta)), ("Data", fields.filter { !$0.isMeta })]
        let rows = groups.flatMap { title, fields in fields.isEmpty ? [] : [["\n\(title)"]] + fields.map(\.row) }
        return "\(TextTable(head))\n\(TextTable(rows))"
    }

    /// The text in place of a secret.
    fileprivate static let secret = "(secret)"

    /// Returns values as nested maps.
    ///
    /// The names of each value lead to it.
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

    /// The field as a record for programs.
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

    /// The field as a row of a table for people.
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
    /// The text itself if the value is a text; otherwise, the value as one line of YAML.
    var plainText: String {
        if case .string(let text) = self { text } else { YAMLText.inline(self) }
    }

    /// The value in one line, cut if it is long.
    fileprivate var shortText: String {
        let text = YAMLText.inline(self).visible
        let isLong = text.unicodeScalars.count > 40
        return isLong ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(39))) + "…" : text
    }
}
