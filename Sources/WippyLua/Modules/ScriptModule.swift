public import LuaEngine
public import WippyDefinition
public import WippyRuntime
public import WippyText

/// A module of Lua scripts, with everything that belongs to it: its functions, whether an entry lists it, and which
/// functions are given the id of an entry.
///
/// It stands in a program's list of kinds, so that scripts can require it:
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
/// await Application.main(kinds: .standard + [slug])
/// ```
public struct ScriptModule: KindAddition {
    /// What `modules` and `require` call it.
    public let name: ExactText

    /// Whether an entry has to list it in `modules`; if not, every script has it.
    public let isListed: Bool

    /// What scripts get.
    let content: LuaModule

    private let ids: [IDArgument]

    /// A table of functions and constants, which scripts cannot change.
    ///
    /// - Parameters:
    ///   - name: what `modules` and `require` call it: `slug`.
    ///   - members: a function runs on the thread that runs the script. It takes its arguments from the stack and
    ///     says what becomes of the call: `give` a result, `fail` with an error as second result, or `wait` for what
    ///     takes time.
    ///   - isListed: whether an entry has to list it in `modules`.
    ///   - ids: which functions are given the id of an entry.
    public init(_ name: String, _ members: [LuaMember], isListed: Bool = true, ids: [IDArgument] = []) {
        self.init(LuaModule(name, members), isListed: isListed, ids: ids)
    }

    /// Another value than a table, such as an object.
    ///
    /// - Parameter push: pushes exactly one value; called once for each state.
    public init(_ name: String, value push: @escaping @Sendable (LuaStack) -> Void) {
        self.init(LuaModule(name, value: push), isListed: true, ids: [])
    }

    private init(_ content: LuaModule, isListed: Bool, ids: [IDArgument]) {
        name = ExactText(content.name)
        (self.content, self.isListed, self.ids) = (content, isListed, ids)
    }

    /// The module.
    public var added: any Sendable { self }

    /// A function whose first argument is the full id of an entry.
    ///
    /// Where a script has such an id as a string, `lint` warns if it leads nowhere, and what the script does with the
    /// entry counts for the order in which an application stops.
    public struct IDArgument: Sendable {
        let function: ExactText
        let contract: AnyContract
        let meaning: ReferenceMeaning?

        /// The first argument of a function.
        ///
        /// - Parameters:
        ///   - function: its name in the module: `publish`; a method of a result is `new():call`.
        ///   - contract: what the entry has to be: `.queue`.
        ///   - meaning: what the script does with it, if not what the contract says.
        public static func of<Offered>(
            _ function: String, _ contract: Contract<Offered>, meaning: ReferenceMeaning? = nil
        ) -> IDArgument {
            IDArgument(function: ExactText(function), contract: contract.erased, meaning: meaning)
        }
    }

    /// Which function of the module is given an id.
    func idArgument(of function: ExactText) -> IDArgument? { ids.first { $0.function == function } }
}

extension LuaStack {
    /// The entry of a full id, as what a contract names: `try stack.entry("app:db", as: .database)`.
    ///
    /// - Throws: an error of kind `NotFound` when there is none or it is something else.
    public func entry<Offered: Sendable>(_ id: String, as contract: Contract<Offered>) throws -> Offered {
        let targets = EntryTargets(contract, in: try call.entry.registry)
        do throws(WippyError) {
            return try targets.target(id)
        } catch {
            throw LuaError(of: error)
        }
    }
}
