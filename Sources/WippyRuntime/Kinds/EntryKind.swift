public import WippyDefinition
public import WippyText

/// A kind of entry: what `kind: queue.consumer` means.
///
/// The life of an entry, in the order in which its kind is asked:
///
/// 1. `config(from:in:)` decodes its fields. It never throws: what is wrong goes into the report, all of it.
/// 2. `offers(_:)` says what others may use it as, so that references are checked before anything is built.
/// 3. `check(_:in:)` finds what no single field shows: two routes that collide; `check(all:in:)` what no single entry
///    shows: two servers at one address.
/// 4. `build(_:with:)` makes the component, with everything that it refers to already built. It has no effect outside
///    of the program: it opens nothing and begins nothing; that is the service's part.
/// 5. If it built a service, the supervisor runs that.
/// 6. If the plan changes while the application runs, `update(_:from:to:with:)` may take the entry's new configuration
///    in place; else the entry is built anew.
///
/// Steps 1 to 4 are `wippy-swift lint`, which lets go of what was built; steps 1 to 3 are pure. A new kind is one file
/// with such a type, and one line in the list of kinds that the application is given.
public protocol EntryKind: Sendable {
    /// What a user writes about such an entry. Equality ignores where it is written.
    associatedtype Config: Sendable & Equatable

    /// What others use of such an entry; `Never` when nobody can refer to one.
    associatedtype Component: Sendable = Never

    /// The word after `kind:`, lower-case words joined by dots.
    static var name: KindName { get }

    /// One sentence for the manual.
    static var summary: String { get }

    /// When an entry of this kind runs among the services; nil when it is none, so that `lifecycle` has no effect.
    static var role: ServiceRole? { get }

    /// What becomes of what runs when an entry is changed, in Markdown, for the manual; nil if the entry is built anew.
    static var whenChanged: String? { get }

    /// Fields that entries of other kinds have for the sake of this one: a queue's options for its driver. By default
    /// there are none.
    static var fieldsOfOthers: [FieldDescription] { get }

    /// What is wrong with what the program has given the kind, in sentences; by default nothing.
    func mistakes(in program: Program) -> [String]

    /// Reads the configuration; by default `Config(from:)`, if that is an ``EntryConfig``.
    func config(from fields: inout FieldReader, in program: Program) -> Config

    /// What others may use the entry as.
    func offers(_ entry: Entry<Config>) -> [Offer<Component>]

    /// Finds what no single field shows; by default nothing.
    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic]

    /// Finds what all entries of the kind show together, among themselves or with others; by default nothing. Called
    /// once, with those without errors in order of id.
    func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic]

    /// Finds what a family finds in entries of all of its kinds, such as servers of one address: the part of a protocol
    /// of kinds, beside the checks of the kind itself, which leaves it alone. By default nothing; called as
    /// ``check(all:in:)``.
    func checkAsFamily(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic]

    /// Makes the component, the service, or both.
    ///
    /// A check builds entries, too, and lets go of them: so this opens no file and no socket and begins no task.
    ///
    /// - Throws: ``BuildError`` or any error whose description is a sentence for the user.
    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Component>

    /// Prepares to take a changed entry in place, while what was built goes on; by default that is not possible, and
    /// the entry is built anew.
    ///
    /// Called when the running application gets another plan in which the entry, or something that it is built from,
    /// says something else. Nothing changes here: the plan may still be refused, and what `Update` holds is called only
    /// when it is put in force.
    ///
    /// - Parameters:
    ///   - built: what runs for the entry.
    ///   - old: the entry as it was.
    ///   - entry: the entry as it is to be.
    /// - Returns: nil to have the entry built anew, its service stopped and another one started.
    /// - Throws: as ``build(_:with:)``.
    func update(
        _ built: Built<Component>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update?
}

extension EntryKind {
    /// By default an entry is no service.
    public static var role: ServiceRole? { nil }

    /// By default a changed entry is built anew.
    public static var whenChanged: String? { nil }

    /// By default no other kind has fields for its sake.
    public static var fieldsOfOthers: [FieldDescription] { [] }

    /// By default nothing is wrong with it.
    public func mistakes(in program: Program) -> [String] { [] }

    /// By default there is nothing more to check.
    public func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] { [] }

    /// By default a changed entry is built anew.
    public func update(
        _ built: Built<Component>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? { nil }

    /// By default there is nothing more to check.
    public func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] { [] }

    /// By default it is of no family with checks.
    public func checkAsFamily(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] { [] }
}

extension EntryKind where Config: EntryConfig {
    /// By default the configuration reads itself.
    public func config(from fields: inout FieldReader, in program: Program) -> Config { Config(from: &fields) }
}

extension EntryKind where Component == Never {
    /// Nobody can refer to an entry without a component.
    public func offers(_ entry: Entry<Config>) -> [Offer<Never>] { [] }
}

/// The word after `kind:`.
public struct KindName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let text: ExactText

    /// The word.
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

    /// Where the entry's name stands.
    public let location: Location

    /// What the user wrote, with defaults.
    public let config: Config

    private let places: [ExactText: Location]

    /// Creates an entry.
    ///
    /// - Parameter places: where the values of its fields stand that are written, by path.
    public init(id: EntryID, location: Location, config: Config, places: [ExactText: Location] = [:]) {
        self.id = id
        self.location = location
        self.config = config
        self.places = places
    }

    /// The entry seen with a part of its configuration.
    public func map<Part: Sendable>(_ part: (Config) -> Part) -> Entry<Part> {
        Entry<Part>(id: id, location: location, config: part(config), places: places)
    }

    /// Where the value of a field stands; the entry's own place for a field that is not written.
    public func location(of field: String) -> Location { places[ExactText(field)] ?? location }

    /// The fields below a path that are written, in order of text.
    public func writtenFields(below path: String) -> [String] {
        places.keys.filter { $0.string.hasExactPrefix(path + ".") }.sorted().map(\.string)
    }

    /// What is wrong with a field, at its place.
    ///
    /// - Parameter sentence: what follows the field's name: `names the queue itself`.
    public func error(_ field: String, _ sentence: String) -> Diagnostic {
        .error(at: location(of: field), entry: id, "'\(field)' \(sentence)")
    }

    /// What is probably a mistake in a field, or has no effect, at its place; as ``error(_:_:)``.
    public func warning(_ field: String, _ sentence: String) -> Diagnostic {
        .warning(at: location(of: field), entry: id, "'\(field)' \(sentence)")
    }
}

/// What an entry offers: a contract, and the component seen as what the contract names.
public struct Offer<Component: Sendable>: Sendable {
    let contract: AnyContract
    /// Makes the `Link` to what the contract names, whose type the contract knows; nil if the component offers it not.
    let makeLink: @Sendable (Component) -> (any AnyLink)?

    /// Offers the component under a contract; `view` shows it as the contract's type.
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

    /// The same offer of something that holds the component; nil where it holds none.
    public func from<Whole: Sendable>(_ part: @escaping @Sendable (Whole) -> Component?) -> Offer<Whole> {
        Offer<Whole>(contract: contract) { [makeLink] in part($0).flatMap(makeLink) }
    }
}

/// What a kind made of an entry.
public struct Built<Component: Sendable>: Sendable {
    /// What others use; nil where nobody refers to the entry.
    public let component: Component?

    /// What runs; nil for an entry without a service.
    public let service: (any ManagedService)?

    /// A component that others use, and nothing that runs.
    public static func component(_ component: Component) -> Built {
        Built(component: component, service: nil)
    }

    /// A component that others use, and the service behind it.
    public static func component(_ component: Component, service: any ManagedService) -> Built {
        Built(component: component, service: service)
    }
}

extension Built where Component == Never {
    /// A service that nobody refers to.
    public static func service(_ service: any ManagedService) -> Built {
        Built(component: nil, service: service)
    }

    /// Nothing: the entry is data for others to read.
    public static var nothing: Built { Built(component: nil, service: nil) }
}
