public import WippyDefinition
import WippyText

/// The kinds that an application knows: an explicit list, so that two catalogues can live in one program.
public struct KindCatalog: Sendable {
    private let kinds: [KindName: any EntryKind]

    /// Creates a catalogue of a list of kinds.
    ///
    /// The list is part of the program, so a mistake in it (two kinds of one name, a name that is not lower-case dotted
    /// words, a kind or a field without help) is a broken invariant and traps.
    public init(_ kinds: [any EntryKind]) {
        self.kinds = Dictionary(kinds.map { (type(of: $0).name, $0) }) { first, _ in
            preconditionFailure("two kinds are named \(type(of: first).name)")
        }
        for kind in kinds {
            if let flaw = CatalogedKind(kind).flaw { preconditionFailure(flaw) }
        }
    }

    /// The kind of a name.
    public subscript(name: String) -> (any EntryKind)? { kinds[KindName(name)] }

    /// The names of all kinds, in order of text.
    public var names: [String] { kinds.keys.map(\.text).sorted().map(\.string) }

    /// What each kind's page of the manual says, in order of name.
    public var manual: [CatalogedKind] {
        names.compactMap { self[$0].map { CatalogedKind($0) } }
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

    /// Its own fields, in the order in which it reads them.
    public let fields: [FieldDescription]

    init(_ kind: any EntryKind) {
        name = type(of: kind).name.description
        summary = type(of: kind).summary
        role = type(of: kind).role
        var reader = FieldReader()
        kind.describe(in: &reader)
        fields = reader.descriptions
    }

    /// What is wrong with the kind itself, if anything is.
    var flaw: String? {
        let words = name.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        let isWord = { (word: Substring.UnicodeScalarView) in
            !word.isEmpty && word.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "_" }
        }
        if !words.allSatisfy(isWord) { return "the kind name '\(name)' is not lower-case words joined by dots" }
        if summary.isEmpty { return "the kind \(name) has no summary" }
        if let field = fields.first(where: \.help.isEmpty) { return "field '\(field.path)' of \(name) has no help" }
        return nil
    }
}

extension EntryKind {
    fileprivate func describe(in reader: inout FieldReader) { _ = config(from: &reader) }
}
