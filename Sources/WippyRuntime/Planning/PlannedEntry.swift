public import WippyDefinition
public import WippyText
public import WippyValues

/// An entry of the plan.
///
/// The config is decoded, and the references to other entries are known. The ``Registry`` builds the entry.
public final class PlannedEntry: Sendable {
    /// The entry's full id.
    public let id: EntryID

    /// The entry's kind.
    public let kind: KindName

    /// The place of the entry's name.
    public let location: Location

    /// The place of the value of `kind`.
    public let kindLocation: Location

    /// The role of the services of the entry's kind; nil if the kind has no services.
    public let role: ServiceRole?

    /// The entry's `lifecycle` block.
    public let policy: LifecyclePolicy

    /// The places where the entry's fields name other entries.
    public let references: [ReferenceUse]

    /// Those of the ``references`` that the `lifecycle` block has: the services that must be ready first.
    let requirementUses: [ReferenceUse]

    /// The mentions of other entries in the entry's script.
    ///
    /// Those entries need not exist.
    public let mentions: [ReferenceUse]

    /// The contracts that the entry offers.
    public let offers: [AnyContract]

    /// The entry's config.
    public let config: any Sendable

    /// The declaration from which the entry was decoded.
    let declaration: EntryDeclaration

    /// The diagnostics about the entry's fields.
    let problems: [Diagnostic]

    /// The places of the entry's secrets.
    let secretPlaces: [Location]

    /// True if every field could be read.
    ///
    /// An entry with errors is never built.
    let isValid: Bool

    /// The `Entry` with the config's own type.
    fileprivate let whole: any Sendable

    /// The places of the entry's fields.
    ///
    /// They do not count when two entries are compared.
    private let places: [ExactText: Location]

    /// The origins of values that come from another file or from variables, by the paths of their fields.
    ///
    /// A part of a value, such as an element of a list, has no origin here.
    public let origins: [ExactText: Origin]

    private let spellings: TextSpellings
    private let kindCheck: @Sendable (CheckContext) -> [Diagnostic]
    private let kindCheckAll: @Sendable ([PlannedEntry], CheckContext) -> [Diagnostic]
    private let kindBuild: @Sendable (BuildContext) throws -> BuiltEntry
    private let kindUpdate: @Sendable (BuiltEntry, PlannedEntry, BuildContext) throws -> Update?
    private let equalsConfig: @Sendable (any Sendable) -> Bool

    /// Returns true if another plan's entry differs only in fields that change in place; nil if the kind has not marked
    /// such fields.
    private let differsOnlyInPlace: (@Sendable (PlannedEntry) -> Bool)?

    /// Decodes a declaration with its kind.
    init<Kind: EntryKind>(
        _ declaration: EntryDeclaration, kind: Kind, in program: Program = Program(),
        isLenient: Bool, report: inout Report
    ) {
        var fields = FieldReader(declaration, isLenient: isLenient)
        let running = RunningEntry(declaration.id)
        let config = running.run { kind.ownConfig(from: &fields, in: program) }
        let ownCount = fields.references.count
        let isWritten = declaration.data[LifecyclePolicy.block] != nil || !fields.knowsAllThatIsWritten
        let written = isWritten ? LifecyclePolicy(from: &fields) : Self.unwrittenPolicy
        // The block of an entry that is no service is checked, but has no effect.
        let isService = Kind.role != nil
        policy = isService ? written : Self.unwrittenPolicy
        let found = fields.finish()
        report.add(found)
        self.declaration = declaration
        problems = found
        secretPlaces = fields.secretPlaces
        report.hide(secretPlaces)

        let entry = Entry(
            id: declaration.id, location: declaration.location, config: config, places: fields.places)
        whole = entry
        let offers = kind.offers(entry)
        id = declaration.id
        self.kind = Kind.name
        location = declaration.location
        kindLocation = declaration.kindLocation
        role = Kind.role
        references = isService ? fields.references : Array(fields.references.prefix(ownCount))
        requirementUses = Array(references.dropFirst(ownCount))
        mentions = fields.mentions
        self.offers = offers.map(\.contract)
        self.config = config
        places = fields.places
        origins = fields.origins
        spellings = TextSpellings(of: declaration)
        isValid = !fields.lacksVariables && !found.contains { $0.severity == .error }
        kindCheck = { plan in running.run { kind.check(entry, in: plan) } }
        kindCheckAll = { planned, plan in
            let entries = planned.compactMap { $0.whole as? Entry<Kind.Config> }
            return running.run { kind.check(all: entries, in: plan) }
        }
        let wrappers = program.additions(as: OfferWrapper.self)
        kindBuild = { try BuiltEntry(kind.build(entry, with: $0), offers: offers, in: wrappers, with: $0) }
        kindUpdate = { built, old, context in
            guard let built = built.whole as? Built<Kind.Component>,
                let old = old.entry(configuredAs: Kind.Config.self)
            else { return nil }
            return try kind.update(built, from: old, to: entry, with: context)
        }
        equalsConfig = { $0 as? Kind.Config == config }
        guard fields.hasFieldsInPlace else {
            differsOnlyInPlace = nil
            return
        }
        // Each config is compared with one that has the other's fields in place. The other fields then make the
        // difference, also those that a config leaves out because of a field in place.
        differsOnlyInPlace = { old in
            running.run {
                kind.config(of: declaration, inPlaceFrom: old.declaration, in: program) == old.config as? Kind.Config
                    && kind.config(of: old.declaration, inPlaceFrom: declaration, in: program) == config
            }
        }
    }

    /// The policy of an entry without a `lifecycle` block.
    ///
    /// It is read once for all such entries.
    private static let unwrittenPolicy = LifecyclePolicy.standard

    /// Returns the place of a field's value; nil if the declaration has no value for the field.
    ///
    /// The result is also nil for a path that the kind did not read as a field of its own, such as an element of a
    /// list.
    public func location(of field: String) -> Location? { places[ExactText(field)] }

    /// Returns the entry with its config as `type`, which can be a protocol; nil if the config does not have this type.
    public func entry<Config: Sendable>(configuredAs type: Config.Type) -> Entry<Config>? {
        (config as? Config).map { Entry(id: id, location: location, config: $0, places: places) }
    }

    /// The entry's declaration as data: its `meta`, and its other fields.
    ///
    /// A secret is null.
    public var values: (meta: Value, data: Value) {
        let hidden = Set(secretPlaces)
        return (declaration.meta.value(hiding: hidden), declaration.data.value(hiding: hidden))
    }

    /// Returns the diagnostics that concern more than a single field.
    func check(in plan: CheckContext) -> [Diagnostic] { kindCheck(plan) }

    /// Returns the diagnostics of all entries of the kind together, including this one.
    func check(all entries: [PlannedEntry], in plan: CheckContext) -> [Diagnostic] { kindCheckAll(entries, plan) }

    /// Makes the entry's component and service, with the program's wrappers around what it offers.
    func build(with context: BuildContext) throws -> BuiltEntry { try kindBuild(context) }

    /// Prepares to update a running entry in place, from another plan's entry to this one; nil if the entry must be
    /// built anew.
    ///
    /// If the kind has marked fields that change in place, it is asked only if no other field has changed.
    func update(_ built: BuiltEntry, from old: PlannedEntry, with context: BuildContext) throws -> Update? {
        guard kind == old.kind else { return nil }
        if let differsOnlyInPlace {
            guard differsOnlyInPlace(old), !spellsOtherwise(than: old) else { return nil }
        }
        return try kindUpdate(built, old, context)
    }

    /// Returns true if another plan's entry has the same content.
    ///
    /// The places of the entries do not count.
    func isSame(as other: PlannedEntry) -> Bool {
        if self === other { return true }
        return kind == other.kind && policy == other.policy && equalsConfig(other.config)
            && !spellsOtherwise(than: other)
    }

    /// Returns true if another plan's entry has a text that is equal to the text here, but has other bytes.
    func spellsOtherwise(than other: PlannedEntry) -> Bool { spellings.differ(from: other.spellings) }

    /// Returns true if another plan's entry has the same needs and offers.
    ///
    /// The places of the entries do not count.
    func needsSame(as other: PlannedEntry) -> Bool {
        offers == other.offers && references.elementsEqual(other.references) { $0.isSame(as: $1) }
            && mentions.elementsEqual(other.mentions) { $0.isSame(as: $1) }
    }
}

extension SharedCheckKind {
    /// Returns the diagnostics of the shared check of all entries of the kind.
    func sharedCheck(of planned: [PlannedEntry], in plan: CheckContext) -> [Diagnostic] {
        guard let first = planned.first else { return [] }
        let entries = planned.compactMap { $0.whole as? Entry<Config> }
        return RunningEntry(first.id).run { sharedCheck(entries, in: plan) }
    }
}

extension EntryKind {
    /// Reads the fields of the kind itself, without those of its service.
    func ownConfig(from fields: inout FieldReader, in program: Program) -> Config {
        defer {
            if Self.role == nil {
                fields.ignored(
                    LifecyclePolicy.block,
                    form: .either([.map(of: .any)], words: "the block of a service, which is checked"),
                    because: "\(Self.name.withArticle) is not a service")
            }
        }
        return config(from: &fields, in: program)
    }

    /// Reads the fields of an entry from one declaration, and those that change in place from another one.
    fileprivate func config(
        of declaration: EntryDeclaration, inPlaceFrom other: EntryDeclaration, in program: Program
    ) -> Config {
        var fields = FieldReader(declaration, inPlaceFrom: other)
        return config(from: &fields, in: program)
    }

    /// Returns the fields of a declaration that the kind reads.
    func fields(of declaration: EntryDeclaration, in program: Program) -> [ReadField] {
        FieldReader.fields(of: declaration) { fields in
            RunningEntry(declaration.id).run { _ = ownConfig(from: &fields, in: program) }
            if Self.role != nil { _ = LifecyclePolicy(from: &fields) }
        }
    }
}

extension ReferenceUse {
    /// Returns true if another use is the same.
    ///
    /// The places of the uses do not count.
    fileprivate func isSame(as other: ReferenceUse) -> Bool {
        ExactText.areEqual(field, other.field) && entry == other.entry && contract == other.contract
            && meaning == other.meaning && isBase == other.isBase
    }
}
