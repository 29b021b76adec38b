public import WippyDefinition
import WippyText

/// A kind, as the manual describes it.
public struct CatalogedKind: Sendable {
    /// The name after `kind:`.
    public let name: String

    /// What the kind is.
    public let summary: String

    /// The role of its services; nil if the kind has none.
    public let role: ServiceRole?

    /// The effect of a reload on a changed entry, in Markdown: the fields that change in place, and the kind's notes.
    ///
    /// It is nil if the kind marks no field as one that changes in place, and has no note.
    public var effectOfReload: String? {
        let changes = [fields.changesInPlace, kind.whenChanged(in: program), type.whenBuiltAnew].compactMap { $0 }
        return changes.isEmpty ? nil : changes.joined(separator: " ")
    }

    /// The fields of the kind itself, in the order in which it reads them.
    public let fields: [FieldDescription]

    /// The fields that the kind adds to entries of other kinds.
    public let fieldsOfOthers: [FieldDescription]

    /// The metrics of the kind, and then those of the program's additions to it.
    public let metrics: [MetricDescription]

    let kind: any EntryKind

    private let type: any EntryKind.Type
    // The sentences about reloads are for pages alone, so a start does not make them.
    private let program: Program

    init(_ entry: BareEntry, in program: Program) {
        kind = entry.kind
        self.program = program
        type = Swift.type(of: kind)
        name = type.name.description
        summary = type.summary
        role = type.role
        fields = entry.fields
        fieldsOfOthers = type.fieldsOfOthers
        metrics = type.metrics + kind.metricsOfAdditions(in: program)
    }

    /// Returns the error in the kind itself; nil if there is none.
    ///
    /// - Parameter withRepeatedFields: true if a field that the kind has twice is an error.
    func mistake(withRepeatedFields: Bool) -> String? {
        if !KindName.shape.matches(name) { return "\(subject) must have a name of lower-case words joined by dots" }
        if summary.isEmpty { return "\(subject) has no summary" }
        if let field = fields.first(where: \.help.isEmpty) ?? fieldsOfOthers.first(where: \.help.isEmpty) {
            return "\(subject) has no help for '\(field.path)'"
        }
        if let field = (fields + fieldsOfOthers).first(where: { DefinitionFrame.owns($0.path) }) {
            return "\(subject) has the field '\(field.path)', which every entry or file has for another purpose"
        }
        if withRepeatedFields, let path = fields.repeatedPath ?? fieldsOfOthers.repeatedPath {
            return "\(subject) has the field '\(path)' twice"
        }
        if let metric = metrics.first(where: { !KindName.shape.matches($0.name.string) }) {
            return "\(subject) has the metric '\(metric.name)': its name must be lower-case words joined by dots"
        }
        if let metric = metrics.first(where: { [$0.subject, $0.unit, $0.help].contains("") }) {
            return "\(subject) must say of the metric '\(metric.name)' what has it, its unit and its meaning"
        }
        return nil
    }

    private var subject: String { "the kind '\(name)' (\(String(reflecting: type)))" }
}

extension Program {
    /// The kinds as the manual describes them, in order of name.
    package var manual: [CatalogedKind] { bareEntries.map { CatalogedKind($0, in: self) } }
}

extension [FieldDescription] {
    /// The first path that an earlier field has, too; nil if there is none.
    ///
    /// Fields that exist only on different conditions may have one path.
    fileprivate var repeatedPath: String? {
        var seen: [ExactText: [FieldDescription.Condition?]] = [:]
        for field in self {
            let path = ExactText(field.path)
            let others = seen[path]
            if let others, others.contains(where: { $0 == nil || field.condition == nil || $0 == field.condition }) {
                return field.path
            }
            seen[path] = (others ?? []) + [field.condition]
        }
        return nil
    }

    /// The sentence about the fields that change in place, in Markdown; nil if none does.
    fileprivate var changesInPlace: String? {
        let effective = filter { $0.presence != .ignored && $0.presence != .refused }
        let inPlace = effective.filter(\.changesInPlace).map(\.path)
        let anew = effective.filter { !$0.changesInPlace }.map(\.path)
        if inPlace.isEmpty { return nil }
        if anew.isEmpty { return "Every field changes in place." }
        if anew.count > inPlace.count {
            let verb = inPlace.count == 1 ? "changes" : "change"
            return "\(inPlace.listInMarkdown) \(verb) in place. After any other change the entry is built anew."
        }
        let condition = anew.count == 1 ? "With another \(anew.listInMarkdown)" : "If one of these changes,"
        return "Every field except \(anew.listInMarkdown) changes in place. \(condition) the entry is built anew."
    }
}
