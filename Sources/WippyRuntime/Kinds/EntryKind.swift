public import WippyDefinition
public import WippyText

/// A kind of entry, such as the kind with the name `queue.consumer`.
///
/// The runtime calls a kind in this order:
///
/// 1. `config(from:in:)` decodes the entry's fields. It never throws. It reports every error in the fields.
/// 2. `offers(_:)` lists the contracts that the entry offers. So references are checked before entries are built.
/// 3. `check(_:in:)` checks the entry as a whole, for example for a queue that names itself. `check(all:in:)` checks
/// the entries of the kind together, for example for two servers with one address.
/// 4. `build(_:with:)` makes the component and the service. All entries to which the entry refers are built already.
/// The call opens nothing and starts nothing, because that is the service's task.
/// 5. If there is a service, the supervisor runs it.
/// 6. If the entry changes while the application runs, `update(_:from:to:with:)` may change it in place. Otherwise the
/// entry is built anew.
///
/// A check of a project does the steps 1 to 4, and discards the results of the last one. The steps 1 to 3 have no side
/// effects. For a new kind, you write one such type and add it to the application's list of kinds.
public protocol EntryKind: ProgramPart {
    /// The entry's decoded fields. Equality ignores the places of the fields.
    associatedtype Config: Sendable & Equatable

    /// The type that other entries use at run time; `Never` if no entry can refer to this one.
    associatedtype Component: Sendable = Never

    /// The name after `kind:`: lower-case words joined by dots.
    static var name: KindName { get }

    /// The kind in one sentence, for the manual.
    static var summary: String { get }

    /// The role of the entry's service, which decides when the service starts and stops; nil if the kind has no
    /// service. Without a service, the `lifecycle` block has no effect.
    static var role: ServiceRole? { get }

    /// The effect of a reload on a changed entry, in Markdown, for the manual; nil if the entry is always built anew.
    static var whenChanged: String? { get }

    /// Fields that this kind adds to entries of other kinds, such as a driver's options for its queues. Default: none.
    static var fieldsOfOthers: [FieldDescription] { get }

    /// Returns the errors in the program's additions to the kind, such as two middlewares with one name. Default: none.
    func mistakes(in program: Program) -> [String]

    /// Decodes the fields. The default implementation calls `Config(from:)`, if `Config` is an `EntryConfig`.
    func config(from fields: inout FieldReader, in program: Program) -> Config

    /// Returns the contracts that the entry offers.
    func offers(_ entry: Entry<Config>) -> [Offer<Component>]

    /// Checks the entry as a whole, and returns diagnostics. Default: none.
    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic]

    /// Checks the entries of the kind together, and returns diagnostics. Default: none.
    ///
    /// It is called once, with all entries of the kind that have no errors, in order of id.
    func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic]

    /// Checks the entries of a whole family of kinds together, for example for two servers with one address, and
    /// returns diagnostics. Default: none.
    ///
    /// A protocol for a family implements this method. A kind itself does not. It is called in the same way as
    /// ``check(all:in:)``.
    func checkAsFamily(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic]

    /// Makes the component, the service, or both.
    ///
    /// `lint` also calls this, and discards the result. So open no file and no socket, and start no task.
    ///
    /// - Throws: ``BuildError``, or any error whose description is a sentence for the user.
    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Component>

    /// Prepares to change a running entry in place, while its service and component keep running.
    ///
    /// It is called when a reload changes the entry, or an entry of which this one is made. Change nothing here,
    /// because the plan may still be refused. The returned `Update` is applied when the plan is put in force. The
    /// default implementation returns nil.
    ///
    /// - Parameters:
    ///   - built: the running component and service.
    ///   - old: the entry in the plan in force.
    ///   - entry: the entry in the new plan.
    ///   - context: the context in which the entry is built.
    /// - Returns: the update; nil to have the entry built anew. Then its service stops, and a new one starts.
    /// - Throws: the same errors as ``build(_:with:)``.
    func update(
        _ built: Built<Component>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update?
}

extension EntryKind {
    /// The default: nil, because the kind has no service.
    public static var role: ServiceRole? { nil }

    /// The default: nil, because a changed entry is built anew.
    public static var whenChanged: String? { nil }

    /// The default: no fields.
    public static var fieldsOfOthers: [FieldDescription] { [] }

    /// Returns an empty list.
    public func mistakes(in program: Program) -> [String] { [] }

    /// Returns an empty list.
    public func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] { [] }

    /// Returns nil, so that a changed entry is built anew.
    public func update(
        _ built: Built<Component>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? { nil }

    /// Returns an empty list.
    public func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] { [] }

    /// Returns an empty list.
    public func checkAsFamily(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] { [] }
}

// Where a program looks for the kind.
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

/// The name of a kind, after `kind:`.
public struct KindName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let text: ExactText

    /// Lower-case words joined by dots.
    static let shape = TextShape.list(
        of: .word(of: Alphabet("a"..."z", "0"..."9", "_"..."_")), separatedBy: ".")

    /// The name as text.
    public var description: String { text.string }

    /// Creates a name from its text.
    public init(_ text: String) {
        self.text = ExactText(text)
    }

    /// Creates a name from a literal.
    public init(stringLiteral text: String) {
        self.text = ExactText(text)
    }
}

/// An entry that its kind has decoded.
public struct Entry<Config: Sendable>: Sendable {
    /// The entry's full id.
    public let id: EntryID

    /// The place of the entry's name.
    public let location: Location

    /// The entry's fields, with defaults.
    public let config: Config

    private let places: [ExactText: Location]

    /// Creates an entry.
    ///
    /// - Parameters:
    ///   - id: the entry's full id.
    ///   - location: the place of the entry's name.
    ///   - config: the decoded fields.
    ///   - places: the places of the values of the written fields, by the fields' paths. Default: none.
    public init(id: EntryID, location: Location, config: Config, places: [ExactText: Location] = [:]) {
        self.id = id
        self.location = location
        self.config = config
        self.places = places
    }

    /// Returns the entry with a part of its config instead of the whole config.
    public func map<Part: Sendable>(_ part: (Config) -> Part) -> Entry<Part> {
        Entry<Part>(id: id, location: location, config: part(config), places: places)
    }

    /// Returns the place of a field's value; the entry's own place if the field is not written.
    public func location(of field: String) -> Location { places[ExactText(field)] ?? location }

    /// Returns the paths of the written fields below a path, sorted.
    public func writtenFields(below path: String) -> [String] {
        places.keys.filter { $0.string.hasExactPrefix(path + ".") }.sorted().map(\.string)
    }

    /// Returns an error at the place of a field.
    ///
    /// - Parameters:
    ///   - field: the field's path.
    ///   - sentence: the rest of the sentence that begins with the field's name, such as `names the queue itself`.
    public func error(_ field: String, _ sentence: String) -> Diagnostic {
        .error(at: location(of: field), entry: id, "'\(field)' \(sentence)")
    }

    /// Returns a warning at the place of a field, for a field that has no effect or is probably wrong.
    ///
    /// The parameters are those of ``error(_:_:)``.
    public func warning(_ field: String, _ sentence: String) -> Diagnostic {
        .warning(at: location(of: field), entry: id, "'\(field)' \(sentence)")
    }
}

/// A contract that an entry offers, with the conversion of its component to the contract's type.
public struct Offer<Component: Sendable>: Sendable {
    let contract: AnyContract
    /// Makes the link to the component as the contract's type; nil if the component does not offer the contract.
    let makeLink: @Sendable (Component) -> (any AnyLink)?

    /// Offers the component under a contract.
    ///
    /// - Parameters:
    ///   - contract: the contract.
    ///   - view: turns the component into the contract's type.
    public init<Offered: Sendable>(
        _ contract: Contract<Offered>, _ view: @escaping @Sendable (Component) -> Offered
    ) {
        self.contract = contract.erased
        self.makeLink = { Link(view($0)) }
    }

    init(contract: AnyContract, makeLink: @escaping @Sendable (Component) -> (any AnyLink)?) {
        self.contract = contract
        self.makeLink = makeLink
    }

    /// Returns the same offer for a type that contains the component.
    ///
    /// If `part` returns nil, the entry does not offer the contract.
    ///
    /// - Parameter part: returns the component that a value of the type contains.
    public func from<Whole: Sendable>(_ part: @escaping @Sendable (Whole) -> Component?) -> Offer<Whole> {
        Offer<Whole>(contract: contract) { [makeLink] in part($0).flatMap(makeLink) }
    }
}

/// The component and the service that a kind has built for an entry.
public struct Built<Component: Sendable>: Sendable {
    /// The component, which other entries use; nil if no entry can refer to this entry.
    public let component: Component?

    /// The service, which the supervisor runs; nil for an entry without a service.
    public let service: (any ManagedService)?

    /// Returns a component without a service.
    public static func component(_ component: Component) -> Built {
        Built(component: component, service: nil)
    }

    /// Returns a component together with the service behind it.
    public static func component(_ component: Component, service: any ManagedService) -> Built {
        Built(component: component, service: service)
    }
}

extension Built where Component == Never {
    /// Returns a service without a component.
    ///
    /// No entry can refer to it.
    public static func service(_ service: any ManagedService) -> Built {
        Built(component: nil, service: service)
    }

    /// The result for an entry that is only data.
    ///
    /// It has neither a component nor a service.
    public static var nothing: Built { Built(component: nil, service: nil) }
}
