public import WippyDefinition
import WippyText

/// The kinds that a program gives to an application.
///
/// A catalog is made from a list. A program with several applications can have a catalog for each of them.
public struct KindCatalog: Sendable {
    private let kinds: [KindName: any EntryKind]

    /// The parts of the list, grouped by type: all kinds of entries, all kinds of queue drivers, all additions.
    public let parts: ProgramParts

    /// Errors in the list, such as two kinds with one name, or a kind without a summary.
    ///
    /// `lint` and `run` report them with the project's diagnostics.
    public private(set) var mistakes: [Diagnostic] = []

    /// Creates a catalog.
    ///
    /// If several kinds have one name, the catalog has the first one.
    public init(_ list: [any ProgramPart]) {
        parts = ProgramParts(list)
        let listed = parts[(any EntryKind).self].map { (name: type(of: $0).name, kind: $0) }
        kinds = Dictionary(listed.map { ($0.name, $0.kind) }) { first, _ in first }
        let program = Program(kinds: self)
        let repeated = RepeatedTypes.mistakes(of: "kind", in: listed.map { ($0.name.text, type(of: $0.kind)) })
        let checks = RepeatedTypes.once(parts[(any FamilyCheck).self]) { type(of: $0) }
        let ofFamilies = checks.flatMap { $0.mistakes(in: program) }
        // A kind has the fields of its additions, too. So it may have a field twice because an addition is there twice.
        let own = program.manual.compactMap { $0.mistake(withRepeatedFields: ofFamilies.isEmpty) }
        mistakes = (repeated + ofFamilies + own + repeatedMetrics).map { .error(at: Location(source: "kinds"), $0) }
    }

    /// The kind with a name; nil if there is none.
    public subscript(name: String) -> (any EntryKind)? { kinds[KindName(name)] }

    /// The kinds, in order of name.
    public var all: [any EntryKind] { kinds.sorted { $0.key.text < $1.key.text }.map(\.value) }

    /// The metrics of all kinds, of the program's additions to them and of the runtime itself, in order of name.
    public var metrics: [MetricDescription] {
        let program = Program(kinds: self)
        let ofKinds = all.flatMap { type(of: $0).metrics + $0.metricsOfAdditions(in: program) }
        return Set(ofKinds + ServiceMetrics.all).sorted { $0.name < $1.name }
    }

    /// An error for each name that metrics with different meanings have.
    private var repeatedMetrics: [String] {
        RepeatedTypes.mistakes(of: "metric", in: metrics.map(\.name))
    }

    /// The names of all kinds, sorted.
    public var names: [String] { all.map { type(of: $0).name.description } }

    /// The kinds of variables and of their storages.
    public var variableKinds: VariableKinds {
        parts[VariableKinds.self].reduce(VariableKinds()) { $0.adding($1) }
    }

    /// The kinds as the manual describes them, in order of name.
    public var manual: [CatalogedKind] {
        Program(kinds: self).manual
    }
}
