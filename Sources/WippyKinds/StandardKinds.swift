public import WippyRuntime

extension Array where Element == any EntryKind {
    /// The kinds that wippy-swift has.
    public static var standard: [any EntryKind] { standard() }

    /// The kinds that wippy-swift has, with middlewares of the program's own beside its own.
    ///
    /// - Parameter middleware: what routers can name beside `cors`.
    public static func standard(middleware: [any Middleware.Type] = []) -> [any EntryKind] {
        [
            FunctionSwiftKind(),
            HTTPEndpointKind(),
            HTTPRouterKind(middleware: [CORSMiddleware.self] + middleware),
            HTTPServiceKind(),
            LuaFunctionKind(),
            LuaLibraryKind(),
            LuaProcessKind(),
            ProcessHostKind(),
            ProcessServiceKind(),
            ProcessSwiftKind(),
            QueueConsumerKind(),
            QueueKind(),
            QueueMemoryDriverKind(),
            RegistryEntryKind(),
            SQLiteKind(),
        ]
    }
}
