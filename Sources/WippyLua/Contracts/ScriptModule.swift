public import LuaEngine
public import WippyDefinition
public import WippyRuntime
public import WippyText

/// A module that Lua scripts can require.
///
/// Put it into the program's list of kinds:
///
/// ```swift
/// let slug = ScriptModule(
///     "slug",
///     [
///         .function("of") { stack in
///             let title = try stack.checkString(at: 1)
///             return stack.give(title.lowercased().replacing(" ", with: "-"))
///         }
///     ])
/// await Application.main(handlers: [], kinds: .standard + [slug])
/// ```
public struct ScriptModule: ProgramAddition {
    /// The module's name in `modules` and `require`.
    public let name: ExactText

    /// True if a script can rely on the module only if its entry lists the module in `modules`; false if every script
    /// can require it.
    public let isListed: Bool

    /// The module's value, for scripts.
    let content: LuaModule

    /// The functions and methods that send a part of an answer before the script has ended.
    let sendingMethods: Set<ExactText>

    private let ids: [IDArgument]

    /// The functions and methods that do not work yet, such as `send` and `new():with_actor`.
    let absentFunctions: Set<ExactText>

    /// Creates a module that is a table of functions and constants.
    ///
    /// Scripts cannot change the table.
    ///
    /// - Parameters:
    ///   - name: the module's name in `modules` and `require`, such as `slug`.
    ///   - members: the functions and constants. A function takes its arguments from the stack, and runs on the thread
    ///     that runs the script. It returns with `give` for a result, with `fail` for an error as the second result, or
    ///     with `wait` for an operation that takes time.
    ///   - isListed: false if every script can require the module. Default: true.
    ///   - ids: the arguments of functions that are ids of entries. Default: none.
    ///   - sendingMethods: the names of the module's functions, and of the methods of its objects, that send a part of
    ///     an answer before the script has ended; see ``LuaFunction/sendsParts``. Default: none.
    ///   - absentMethods: the methods that always fail because they do not work yet. `lint` warns of their calls, as it
    ///     does for a member that is `absent`. Write `new():send` for the method `send` of the result of `new`.
    ///     Default: none.
    public init(
        _ name: String, _ members: [LuaMember], isListed: Bool = true, ids: [IDArgument] = [],
        sendingMethods: [String] = [], absentMethods: [String] = []
    ) {
        self.init(
            LuaModule(name, members), isListed: isListed, ids: ids, sendingMethods: sendingMethods,
            absentMethods: absentMethods)
    }

    /// Creates a module whose value is not a table of members, such as a single object.
    ///
    /// Its ``isListed`` is true.
    ///
    /// - Parameters:
    ///   - name: the module's name in `modules` and `require`.
    ///   - push: pushes the module's value: exactly one value. It is called at most once for each state of a script.
    public init(_ name: String, value push: @escaping @Sendable (LuaStack) -> Void) {
        self.init(LuaModule(name, value: push), isListed: true, ids: [])
    }

    private init(
        _ content: LuaModule, isListed: Bool, ids: [IDArgument], sendingMethods: [String] = [],
        absentMethods: [String] = []
    ) {
        name = ExactText(content.name)
        (self.content, self.isListed, self.ids) = (content, isListed, ids)
        self.sendingMethods = Set(sendingMethods.map { ExactText($0) })
        absentFunctions = Set((content.absentNames + absentMethods).map { ExactText($0) })
    }

    /// The module itself.
    public var added: ScriptModule { self }

    /// An argument of a function that is the full id of an entry.
    ///
    /// When a script passes such an id as a string literal, `lint` warns if no entry has the id or if the entry does
    /// not offer the contract, and `graph` shows the use. The use may also count for the order in which the application
    /// stops its services.
    public struct IDArgument: Sendable {
        let function: ExactText
        let position: Int
        let contract: AnyContract
        let meaning: ReferenceMeaning?

        /// Describes an argument of a function that is the full id of an entry.
        ///
        /// - Parameters:
        ///   - function: the function's name in the module, such as `publish`. Write `new():call` for the method `call`
        ///     of the result of `new`.
        ///   - contract: the contract that the entry must offer, such as `.queue`.
        ///   - position: the number of the argument, counted from one. Default: 1.
        ///   - meaning: the use that the script makes of the entry. Default: the contract's own meaning.
        public static func of<Offered>(
            _ function: String, _ contract: Contract<Offered>, at position: Int = 1, meaning: ReferenceMeaning? = nil
        ) -> IDArgument {
            IDArgument(
                function: ExactText(function), position: position, contract: contract.erased, meaning: meaning)
        }
    }

    /// Returns the description of a function's argument; nil if it is not an id.
    func idArgument(of function: ExactText, at position: Int) -> IDArgument? {
        ids.first { $0.function == function && $0.position == position }
    }
}

extension LuaStack {
    /// Returns the component of an entry, by the entry's full id: `try stack.entry("app:db", as: .database)`.
    ///
    /// Use it in the same call. For an object that a script may keep over a reload, take ``link(to:as:)``.
    ///
    /// - Throws: `LuaError` with the kind `NotFound` when no entry has this id, or when the entry does not offer the
    ///   contract; with the kind `Unavailable` when the application has stopped; `LuaRaise` when no call of an entry is
    ///   in progress.
    public func entry<Offered: Sendable>(_ id: String, as contract: Contract<Offered>) throws -> Offered {
        try identifiedEntry(id, as: contract).target
    }

    /// Returns a link to an entry, by the entry's full id.
    ///
    /// A reload can point the link at a new component. So read its `target` at each use.
    ///
    /// - Throws: the same errors as ``entry(_:as:)``.
    public func link<Offered: Sendable>(to id: String, as contract: Contract<Offered>) throws -> Link<Offered> {
        try call.context.targets.link(id, as: contract)
    }

    /// Returns the id that a text names, and the component of its entry.
    ///
    /// Use the component in the same call, as that of ``entry(_:as:)``.
    ///
    /// - Throws: the same errors as ``entry(_:as:)``.
    public func identifiedEntry<Offered: Sendable>(
        _ id: String, as contract: Contract<Offered>
    ) throws -> (id: EntryID, target: Offered) {
        try call.context.targets.entry(id, as: contract)
    }

    /// Returns the running entry's one value of the type, such as a cache.
    ///
    /// All calls of the entry, and all modules, get the same value. So give each purpose a type of its own.
    ///
    /// - Parameter make: creates the value when it is first needed. It may run twice if two threads ask at the same
    ///   time.
    /// - Throws: `LuaRaise` when no call of an entry is in progress.
    public func shared<Shared: Sendable>(_ make: (RuntimeEnvironment) -> Shared) throws -> Shared {
        try call.context.shared(make)
    }
}
