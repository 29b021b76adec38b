public import WippyDefinition

/// A kind of entry, such as the kind with the name `queue.consumer`.
///
/// The runtime calls a kind in this order:
///
/// 1. `config(from:in:)` decodes the entry's fields. It never throws. It reports every error in the fields.
/// 2. `offers(_:)` lists the contracts that the entry offers. So references are checked before entries are built.
/// 3. `check(_:in:)` checks the entry as a whole, for example for a driver whose database is in memory.
///    `check(all:in:)` checks the entries of the kind together, for example for two variables with one name. A
///    ``SharedCheckKind`` has another check of this sort.
/// 4. `build(_:with:)` makes the component and the service. It opens nothing and starts nothing, because that is the
///    service's task.
/// 5. If there is a service, the supervisor runs it when the `lifecycle` block or another service asks for it.
/// 6. If a reload changes the entry, `update(_:from:to:with:)` may change it in place. Otherwise the entry is built
///    anew. The entry can also count as changed because another entry is changed.
///
/// `lint` does the steps 1 to 3. If there are no errors, it also does step 4, and discards the results. The steps 1 to
/// 3 have no side effects. For a new kind, you write one such type and add it to the application's list of kinds.
public protocol EntryKind: ProgramPart {
    /// The entry's decoded fields.
    ///
    /// If the type also keeps the places of fields, its `==` must ignore them. Otherwise an entry that only moves in
    /// its file counts as changed.
    associatedtype Config: Sendable & Equatable

    /// The type that other entries use at run time; `Never` if no entry uses this one at run time.
    associatedtype Component: Sendable = Never

    /// The name after `kind:`: lower-case words joined by dots.
    static var name: KindName { get }

    /// What the kind is, for the manual, the schema and the command `kinds`.
    static var summary: String { get }

    /// The role of the entry's service, which decides when the service starts and stops; nil if the kind has no
    /// service. Then a `lifecycle` block in the entry gets a warning.
    static var role: ServiceRole? { get }

    /// A note about changes that a reload makes in place, in Markdown, for the manual. Default: nil, none.
    ///
    /// The manual has it after a sentence about the fields that are read by `FieldReader.inPlace(_:)`. If there are no
    /// such fields, the note says what changes in place. If nothing does, leave the note out.
    static var whenChanged: String? { get }

    /// Returns the note about changes in place for the manual of a program. Default: the kind's own note.
    ///
    /// A kind can add the notes of other kinds in the program, as a queue adds those of the drivers.
    func whenChanged(in program: Program) -> String?

    /// A note about entries that are built anew, in Markdown, for the manual. Default: nil, none.
    static var whenBuiltAnew: String? { get }

    /// Fields that this kind adds to entries of other kinds, such as a driver's options for its queues. Default: none.
    static var fieldsOfOthers: [FieldDescription] { get }

    /// The metrics that the kind counts or measures, for the manual. Default: none.
    static var metrics: [MetricDescription] { get }

    /// Returns the metrics that the program's additions to the kind count or measure for its entries, for the manual.
    /// Default: none.
    func metricsOfAdditions(in program: Program) -> [MetricDescription]

    /// Decodes the fields. The default implementation calls `Config(from:)`, if `Config` is an `EntryConfig`.
    func config(from fields: inout FieldReader, in program: Program) -> Config

    /// Returns the contracts that the entry offers.
    func offers(_ entry: Entry<Config>) -> [Offer<Component>]

    /// Checks the entry as a whole, and returns diagnostics. Default: none.
    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic]

    /// Checks the entries of the kind together, and returns diagnostics. Default: none.
    ///
    /// It gets the entries of the kind that were decoded without errors, in order of id.
    func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic]

    /// Makes the component, the service, both or neither.
    ///
    /// `lint` also calls this, and discards the result. So open no file and no socket, and start no task.
    ///
    /// - Throws: ``BuildError``, or any error whose description is a sentence for the user.
    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Component>

    /// Prepares to change a running entry in place, while its service and component keep running.
    ///
    /// If the kind reads fields by `FieldReader.inPlace(_:)`, this is called only if all other fields have the same
    /// values as before. Otherwise the entry is built anew. If there are no such fields, this is called for every
    /// change of the entry. The config can be the same as before, if the entry counts as changed because of its
    /// `lifecycle` block or another entry.
    ///
    /// Change nothing here, because the plan may still be refused. The returned `Update` is applied when the plan is
    /// put in force. The default implementation returns nil.
    ///
    /// - Parameters:
    ///   - built: the running component and service.
    ///   - old: the entry in the plan in force.
    ///   - entry: the entry in the new plan.
    ///   - context: the context in which the entry is built.
    /// - Returns: the update; nil to have the entry built anew.
    /// - Throws: the same errors as ``build(_:with:)``.
    func update(
        _ built: Built<Component>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update?
}

extension EntryKind {
    /// The default: nil, because the kind has no service.
    public static var role: ServiceRole? { nil }

    /// The default: nil, no note.
    public static var whenChanged: String? { nil }

    /// Returns the kind's own note.
    public func whenChanged(in program: Program) -> String? { Self.whenChanged }

    /// The default: nil, no note.
    public static var whenBuiltAnew: String? { nil }

    /// The default: no fields.
    public static var fieldsOfOthers: [FieldDescription] { [] }

    /// The default: no metrics.
    public static var metrics: [MetricDescription] { [] }

    /// Returns an empty list.
    public func metricsOfAdditions(in program: Program) -> [MetricDescription] { [] }

    /// Returns an empty list.
    public func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] { [] }

    /// Returns nil, so that a changed entry is built anew.
    public func update(
        _ built: Built<Component>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? { nil }

    /// Returns an empty list.
    public func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] { [] }
}

// The lists of a program to which a kind adds itself.
extension EntryKind {
    /// Adds the kind to the program's kinds of entries.
    public func list(in parts: inout ProgramParts) { parts.add(self, as: (any EntryKind).self) }
}

extension EntryKind where Config: VariableConfig {
    /// Adds the kind to the program's kinds of entries and to its kinds of variables.
    public func list(in parts: inout ProgramParts) {
        parts.add(self, as: (any EntryKind).self)
        parts.add(VariableKinds(variables: [Self.name.text: Config.self]), as: VariableKinds.self)
    }
}

extension EntryKind where Config: VariableStorageConfig {
    /// Adds the kind to the program's kinds of entries and to its kinds of storages.
    public func list(in parts: inout ProgramParts) {
        parts.add(self, as: (any EntryKind).self)
        parts.add(VariableKinds(storages: [Self.name.text: Config.self]), as: VariableKinds.self)
    }
}

extension EntryKind where Config: EntryConfig {
    /// Calls `Config(from:)`.
    public func config(from fields: inout FieldReader, in program: Program) -> Config { Config(from: &fields) }
}

extension EntryKind where Component == Never {
    /// Returns an empty list, because the entry has no component.
    public func offers(_ entry: Entry<Config>) -> [Offer<Never>] { [] }
}
