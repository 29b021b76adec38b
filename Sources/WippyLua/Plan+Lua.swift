import WippyDefinition
public import WippyRuntime

extension Plan {
    /// Refuses a plan whose entries would have to run Lua.
    ///
    /// - Throws: ``BuildError`` that names the entries.
    public func refuseLua() throws(BuildError) {
        let unserved = entries.filter(\.needsLua)
        guard let first = unserved.first else { return }
        let others = unserved.dropFirst().map(\.id.description).joined(separator: ", ")
        throw BuildError(first.id, LuaCode.notRun + (others.isEmpty ? "" : "; the same holds for \(others)"))
    }
}

extension PlannedEntry {
    /// Whether the entry's code is Lua that no Swift handler replaces.
    fileprivate var needsLua: Bool {
        let code =
            entry(configuredAs: LuaFunctionKind.Config.self)?.config.code
            ?? entry(configuredAs: LuaProcessKind.Config.self)?.config.code
        return code.map { $0.replacement == nil } ?? false
    }
}
