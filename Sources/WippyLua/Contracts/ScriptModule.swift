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

    /// True if a script's entry must list the module in `modules`; false if every script can require the module.
    public let isListed: Bool

    /// The module's value, for scripts.
    let content: LuaModule

    /// The functions of the module, and the methods of the objects that they return, by their paths.
    private let functions: [ExactText: LuaModuleFunction]

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
    public init(_ name: String, _ members: [LuaMember], isListed: Bool = true) {
        self.init(LuaModule(name, members), isListed: isListed)
    }

    /// Creates a module whose value is not a table of members, such as a single object.
    ///
    /// Its ``isListed`` is true.
    ///
    /// - Parameters:
    ///   - name: the module's name in `modules` and `require`.
    ///   - push: pushes the module's value: exactly one value. It is called at most once for each state of a script.
    public init(_ name: String, value push: @escaping @Sendable (LuaStack) -> Void) {
        self.init(LuaModule(name, value: push), isListed: true)
    }

    private init(_ content: LuaModule, isListed: Bool) {
        name = ExactText(content.name)
        (self.content, self.isListed) = (content, isListed)
        functions = Dictionary(content.functions.map { (ExactText($0.path), $0) }) { first, _ in first }
    }

    /// The module itself.
    public var added: ScriptModule { self }

    /// Returns what is known of a function; nil if the module has no function with the path.
    ///
    /// - Parameter path: the function as scripts call it, such as `send` or `new():call`.
    func function(at path: ExactText) -> LuaModuleFunction? { functions[path] }

    /// The names of the functions and methods that send a part of an answer before the script has ended.
    var sendingNames: [ExactText] { functions.values.filter(\.sendsParts).map { ExactText($0.name) } }
}

extension LuaStack {
    /// Returns the component of an entry, by the entry's full id: `try stack.entry("app:db", as: .database)`.
    ///
    /// Use the component in the same call. For an object that a script may keep over a reload, take ``link(to:as:)``.
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
    /// Use the component in the same call.
    ///
    /// - Throws: the same errors as ``entry(_:as:)``.
    public func identifiedEntry<Offered: Sendable>(
        _ id: String, as contract: Contract<Offered>
    ) throws -> (id: EntryID, target: Offered) {
        try call.context.targets.entry(id, as: contract)
    }

    /// Returns the running entry's one value of the type, such as a cache.
    ///
    /// All calls of the entry, and all modules, get the same value, until a reload builds the entry anew. So give each
    /// purpose a type of its own.
    ///
    /// - Parameter make: creates the value when it is first needed. It may run twice if two threads ask at the same
    ///   time.
    /// - Throws: `LuaRaise` when no call of an entry is in progress.
    public func shared<Shared: Sendable>(_ make: (RuntimeEnvironment) -> Shared) throws -> Shared {
        try call.context.shared(make)
    }
}
