public import EventLoops
public import WippyDefinition
public import WippyRuntime
import WippyText

/// The kinds that wippy-swift has: one line each.
public struct StandardKinds: Sendable {
    /// The kinds by name.
    public let catalog: KindCatalog

    private let handlers: HandlerTable

    /// Creates the kinds.
    ///
    /// - Parameters:
    ///   - handlers: the Swift handlers that entries may name.
    ///   - loops: where servers run; without them a plan can be checked and not built.
    public init(handlers: HandlerTable, loops: EventLoopGroup? = nil) {
        self.handlers = handlers
        catalog = KindCatalog([
            FunctionSwiftKind(handlers: handlers),
            HTTPEndpointKind(),
            HTTPRouterKind(),
            HTTPServiceKind(loops: loops),
            LuaFunctionKind(handlers: handlers),
            LuaLibraryKind(),
            LuaProcessKind(handlers: handlers),
            ProcessHostKind(),
            ProcessServiceKind(),
            ProcessSwiftKind(handlers: handlers),
            QueueConsumerKind(),
            QueueKind(),
            QueueMemoryDriverKind(),
            RegistryEntryKind(),
            SQLiteKind(),
        ])
    }

    /// A warning for each handler that no entry names.
    public func unusedHandlers(in plan: Plan) -> [Diagnostic] {
        let used = Set(plan.entries.flatMap { [ExactText($0.id.description)] + ($0.handlerName.map { [$0] } ?? []) })
        return handlers.names.filter { !used.contains(ExactText($0)) }.map { name in
            .warning(at: Location(source: "handlers"), "the handler '\(name)' is registered, and no entry names it")
        }
    }

    /// Refuses a plan whose entries would have to run Lua.
    ///
    /// - Throws: ``BuildError`` that names the entries.
    public static func refuseLua(in plan: Plan) throws(BuildError) {
        let unserved = plan.entries.filter(\.needsLua)
        guard let first = unserved.first else { return }
        let others = unserved.dropFirst().map(\.id.description).joined(separator: ", ")
        throw BuildError(
            first.id, LuaCode.notRun + (others.isEmpty ? "" : "; the same holds for \(others)"))
    }
}

extension PlannedEntry {
    /// The name of the handler behind the entry, if it is of a kind that has one.
    fileprivate var handlerName: ExactText? {
        entry(configuredAs: FunctionSwiftKind.Config.self)?.config.handler.name
            ?? entry(configuredAs: HandlerUse.self)?.config.name
    }

    /// Whether the entry's code is Lua that no Swift handler replaces.
    fileprivate var needsLua: Bool {
        let code =
            entry(configuredAs: LuaFunctionKind.Config.self)?.config.code
            ?? entry(configuredAs: LuaProcessKind.Config.self)?.config.code
        return code.map { $0.replacement == nil } ?? false
    }
}
