public import WippyDefinition

/// An entry without fields, as its kind decodes it.
///
/// It shows the fields that the kind reads, and the contracts that an entry without fields offers.
public struct BareEntry: Sendable {
    /// The kind.
    public let kind: any EntryKind

    /// The config of the entry.
    public let config: any Sendable

    /// The fields of the kind itself, in the order in which it reads them.
    public let fields: [FieldDescription]

    private let contracts: [AnyContract]

    init<Kind: EntryKind>(_ kind: Kind, in program: Program) {
        var reader = FieldReader()
        let config = kind.ownConfig(from: &reader, in: program)
        let entry = Entry(
            id: EntryID(namespace: "kinds", name: "entry"), location: Location(source: "kinds"), config: config)
        self.kind = kind
        self.config = config
        fields = reader.descriptions
        contracts = Kind.Component.self == Never.self ? [] : kind.offers(entry).map(\.contract)
    }

    /// Returns true if the entry offers a contract.
    public func offers<Offered>(_ contract: Contract<Offered>) -> Bool { contracts.contains(contract.erased) }
}

extension Program {
    /// An entry of each kind, in order of the kinds' names.
    var bareEntries: [BareEntry] {
        shared { program in program.kinds.all.map { BareEntry($0, in: program) } }
    }

    /// Returns an error for each kind whose ``BareEntry`` offers a contract but does not fulfil a condition.
    ///
    /// Call it in the ``FamilyCheck`` of a family of kinds, if the family's code finds entries by the Swift types of
    /// their kinds or configs.
    ///
    /// - Parameters:
    ///   - contract: the contract.
    ///   - demand: the condition, as the end of a sentence: `it must be a QueueDriverKind`.
    ///   - isFulfilled: returns true if the entry fulfils the condition.
    /// - Returns: the errors, in order of the kinds' names.
    public func mistakes<Offered>(
        ofKindsOffering contract: Contract<Offered>, demand: String, isFulfilled: (BareEntry) -> Bool
    ) -> [String] {
        bareEntries.filter { $0.offers(contract) && !isFulfilled($0) }.map { entry in
            let type = type(of: entry.kind)
            return "the kind '\(type.name)' (\(String(reflecting: type))) offers \(contract.words), so \(demand)"
        }
    }
}
