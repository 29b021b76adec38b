public import WippyDefinition
public import WippyText

/// A kind of entry: what `kind: queue.consumer` means.
///
/// The runtime calls a kind in this order:
///
/// 1. `config(from:in:)` decodes the entry's fields. It never throws: it reports every mistake.
/// 2. `offers(_:)` lists the contracts that the entry offers, so that references are checked before anything is built.
/// 3. `check(_:in:)` finds mistakes that a single field does not show, such as a queue that names itself.
///    `check(all:in:)` finds those that a single entry does not show, such as two servers at one address.
/// 4. `build(_:with:)` makes the component and the service. Everything that the entry refers to is built already. It
///    opens nothing and starts nothing, because that is the service's task.
/// 5. If there is a service, the supervisor runs it.
/// 6. If the entry changes while the application runs, `update(_:from:to:with:)` may take the new config in place.
///    Otherwise the entry is built anew.
///
/// A check of a project does steps 1 to 4 and throws away what was built. Steps 1 to 3 are pure. A new kind is one file
/// with such a type, and one word in the application's list of kinds.
public protocol EntryKind: Sendable {
    /// The entry's decoded fields. Equality ignores the places of the fields.
    associatedtype Config: Sendable & Equatable

    /// What other entries use of this one; `Never` if no entry can refer to it.
    associatedtype Component: Sendable = Never

    /// The name after `kind:`, lower-case words joined by dots.
    static var name: KindName { get }

    /// One sentence for the manual.
    static var summary: String { get }

    /// The role of the entry's service, which decides when it starts and stops; nil if there is no service. Then the
    /// `lifecycle` block has no effect.
    static var role: ServiceRole? { get }

    /// What a reload does with a changed entry, in Markdown, for the manual; nil if it is always built anew.
    static var whenChanged: String? { get }

    /// Fields that this kind adds to entries of other kinds, such as a driver's options for its queues; none by
    /// default.
    static var fieldsOfOthers: [FieldDescription] { get }

    /// Mistakes in what the program adds to the kind, such as two middlewares of one name; none by default.
    func mistakes(in program: Program) -> [String]

    /// Decodes the fields; by default with `Config(from:)`, if that is an `EntryConfig`.
    func config(from fields: inout FieldReader, in program: Program) -> Config

    /// The contracts that the entry offers.
    func offers(_ entry: Entry<Config>) -> [Offer<Component>]

    /// Finds mistakes that a single field does not show; by default none.
    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic]

    /// Finds mistakes that a single entry does not show; by default none. Called once, with all entries of the kind
    /// that have no errors, in order of id.
    func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic]

    /// Finds mistakes among the entries of a whole family of kinds, such as servers at one address. A protocol for a
    /// family implements this; a kind itself does not. By default there are none. Called as ``check(all:in:)``.
    func checkAsFamily(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic]

    /// Makes the component, the service, or both.
    ///
    /// `lint` calls this too and throws the result away. So open no file and no socket, and start no task.
    ///
    /// - Throws: ``BuildError``, or any error whose description is a sentence for the user.
    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Component>

    /// Prepares to take a changed entry in place, while its service and component go on. By default this is impossible,
    /// and the entry is built anew.
    ///
    /// Called when a reload changes the entry, or something that the entry is built from. Change nothing here: the plan
    /// may still be refused. The returned `Update` is applied when the plan is put in force.
    ///
    /// - Parameters:
    ///   - built: the running component and service.
    ///   - old: the entry as it was.
    ///   - entry: the changed entry.
    ///   - context: what the entry is built with.
    /// - Returns: nil to have the entry built anew. Then its service stops, and a new one starts.
    /// - Throws: as ``build(_:with:)``.
    func update(
        _ built: Built<Component>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update?
}

extension EntryKind {
    /// By default an entry has no service.
    public static var role: ServiceRole? { nil }

    /// By default a changed entry is built anew.
    public static var whenChanged: String? { nil }

    /// By default the kind adds no fields to other kinds.
    public static var fieldsOfOthers: [FieldDescription] { [] }

    /// By default there are no mistakes.
    public func mistakes(in program: Program) -> [String] { [] }

    /// By default there are no mistakes.
    public func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] { [] }

    /// By default a changed entry is built anew.
    public func update(
        _ built: Built<Component>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? { nil }

    /// By default there are no mistakes.
    public func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] { [] }

    /// By default there are no mistakes.
    public func checkAsFamily(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] { [] }
}

extension EntryKind where Config: EntryConfig {
    /// By default `Config(from:)`.
    public func config(from fields: inout FieldReader, in program: Program) -> Config { Config(from: &fields) }
}

extension EntryKind where Component == Never {
    /// An entry without a component offers nothing.
    public func offers(_ entry: Entry<Config>) -> [Offer<Never>] { [] }
}

/// The name of a kind, after `kind:`.
public struct KindName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let text: ExactText

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
    ///   - config: its decoded fields.
    ///   - places: the places of the values of its written fields, by path.
    public init(id: EntryID, location: Location, config: Config, places: [ExactText: Location] = [:]) {
        self.id = id
        self.location = location
        self.config = config
        self.places = places
    }

    /// The entry with a part of its config instead of the whole.
    public func map<Part: Sendable>(_ part: (Config) -> Part) -> Entry<Part> {
        Entry<Part>(id: id, location: location, config: part(config), places: places)
    }

    /// The place of a field's value; the entry's own place if the field is not written.
    public func location(of field: String) -> Location { places[ExactText(field)] ?? location }

    /// The written fields below a path, sorted.
    public func writtenFields(below path: String) -> [String] {
        places.keys.filter { $0.string.hasExactPrefix(path + ".") }.sorted().map(\.string)
    }

    /// An error at the place of a field.
    ///
    /// - Parameters:
    ///   - field: the field's path.
    ///   - sentence: the sentence after the field's name: `names the queue itself`.
    public func error(_ field: String, _ sentence: String) -> Diagnostic {
        .error(at: location(of: field), entry: id, "'\(field)' \(sentence)")
    }

    /// A warning at the place of a field that has no effect or is probably a mistake; as ``error(_:_:)``.
    public func warning(_ field: String, _ sentence: String) -> Diagnostic {
        .warning(at: location(of: field), entry: id, "'\(field)' \(sentence)")
    }
}

/// A contract that an entry offers, and the view of its component as the contract's type.
public struct Offer<Component: Sendable>: Sendable {
    let contract: AnyContract
    /// Makes the `Link` to what the contract names, whose type the contract knows; nil if the component offers it not.
    let makeLink: @Sendable (Component) -> (any AnyLink)?

    /// Offers the component under a contract.
    ///
    /// `view` turns the component into the contract's type.
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

    /// The same offer by a type that contains the component; it offers nothing where `part` is nil.
    public func from<Whole: Sendable>(_ part: @escaping @Sendable (Whole) -> Component?) -> Offer<Whole> {
        Offer<Whole>(contract: contract) { [makeLink] in part($0).flatMap(makeLink) }
    }
}

/// The component and the service that a kind has built for an entry.
public struct Built<Component: Sendable>: Sendable {
    /// What other entries use; nil if no entry can refer to this one.
    public let component: Component?

    /// What the supervisor runs; nil for an entry without a service.
    public let service: (any ManagedService)?

    /// A component without a service.
    public static func component(_ component: Component) -> Built {
        Built(component: component, service: nil)
    }

    /// A component with the service behind it.
    public static func component(_ component: Component, service: any ManagedService) -> Built {
        Built(component: component, service: service)
    }
}

extension Built where Component == Never {
    /// A service without a component: no entry can refer to it.
    public static func service(_ service: any ManagedService) -> Built {
        Built(component: nil, service: service)
    }

    /// Neither: the entry is only data.
    public static var nothing: Built { Built(component: nil, service: nil) }
}
