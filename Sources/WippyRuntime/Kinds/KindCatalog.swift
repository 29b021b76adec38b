public import WippyDefinition
import WippyText

/// The kinds that an application knows: an explicit list, so that two catalogues can live in one program.
public struct KindCatalog: Sendable {
    private let kinds: [KindName: any EntryKind]

    /// The types that the program adds beside kinds of entries, in order: middlewares, commands.
    public let additions: [Any.Type]

    /// What is wrong with the list: two kinds of one name, a name that is not lower-case words joined by dots, a kind
    /// or a field without help, and what a kind finds wrong with itself (``EntryKind/mistakes(in:)``).
    ///
    /// Mistakes of the program, which a plan of these kinds reports with those of the project.
    public private(set) var mistakes: [Diagnostic] = []

    /// Creates a catalogue of a list of kinds; of several with one name the first counts.
    public init(_ list: [any EntryKind]) {
        let listed = list.filter { !($0 is any KindAddition) }.map { (name: type(of: $0).name, kind: $0) }
        kinds = Dictionary(listed.map { ($0.name, $0.kind) }) { first, _ in first }
        additions = list.additions
        let program = Program(kinds: self)
        let repeated = RepeatedTypes.mistakes(of: "kind", in: listed.map { ($0.name.text, type(of: $0.kind)) })
        let own =
            listed.compactMap { CatalogedKind($0.kind, in: program).mistake }
            + kinds.values.flatMap { $0.mistakes(in: program) }
        mistakes = (repeated + own).map { .error(at: Location(source: "kinds"), $0) }
    }

    /// The kind of a name.
    public subscript(name: String) -> (any EntryKind)? { kinds[KindName(name)] }

    /// The kinds, in order of name.
    public var all: [any EntryKind] { kinds.sorted { $0.key.text < $1.key.text }.map(\.value) }

    /// The names of all kinds, in order of text.
    public var names: [String] { all.map { type(of: $0).name.description } }

    /// Those among them whose entries are variables, and storages of them.
    public var variableKinds: VariableKinds {
        VariableKinds(
            among: Dictionary(uniqueKeysWithValues: kinds.map { ($0.key.text, type(of: $0.value).configType) }))
    }

    /// What each kind's page of the manual says, in order of name.
    public var manual: [CatalogedKind] {
        Program(kinds: self).manual
    }
}

/// What the manual says of a kind.
public struct CatalogedKind: Sendable {
    /// The word after `kind:`.
    public let name: String

    /// One sentence.
    public let summary: String

    /// When its services run; nil when it has none.
    public let role: ServiceRole?

    /// What becomes of what runs when an entry is changed, a sentence in Markdown; nil if it is built anew.
    public let whenChanged: String?

    /// Its own fields, in the order in which it reads them.
    public let fields: [FieldDescription]

    /// The fields that entries of other kinds have for its sake.
    public let fieldsOfOthers: [FieldDescription]

    /// The full name of its Swift type.
    private let type: String

    init(_ kind: any EntryKind, in program: Program) {
        type = String(reflecting: Swift.type(of: kind))
        name = Swift.type(of: kind).name.description
        summary = Swift.type(of: kind).summary
        role = Swift.type(of: kind).role
        whenChanged = Swift.type(of: kind).whenChanged
        var reader = FieldReader()
        kind.describe(in: &reader, program)
        fields = reader.descriptions
        fieldsOfOthers = Swift.type(of: kind).fieldsOfOthers
    }

    /// What is wrong with the kind itself, if anything is.
    var mistake: String? {
        let words = name.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        let isWord = { (word: Substring.UnicodeScalarView) in
            !word.isEmpty && word.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "_" }
        }
        let subject = "the kind '\(name)' (\(type))"
        if !words.allSatisfy(isWord) { return "\(subject) has a name that is not lower-case words joined by dots" }
        if summary.isEmpty { return "\(subject) has no summary" }
        if let field = fields.first(where: \.help.isEmpty) ?? fieldsOfOthers.first(where: \.help.isEmpty) {
            return "\(subject) has no help for '\(field.path)'"
        }
        return nil
    }
}

extension EntryKind {
    fileprivate static var configType: Any.Type { Config.self }

    fileprivate func describe(in reader: inout FieldReader, _ program: Program) {
        _ = config(from: &reader, in: program)
    }
}
