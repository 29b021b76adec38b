import WippyDefinition
public import WippyText

/// A config of an entry that names a handler of the program, or whose code a handler can replace.
public protocol HandlerNaming {
    /// The name of the handler, even if no handler has it.
    ///
    /// If a handler can replace the entry's code, it is the entry's full id.
    var handlerName: ExactText { get }
}

extension Plan {
    /// Returns the names of the handlers that no entry of the plan names, sorted.
    ///
    /// A handler that can replace an entry's code counts as named: see ``HandlerNaming``.
    public func unused(among handlers: HandlerTable) -> [String] {
        let names = handlers.names
        guard !names.isEmpty else { return [] }
        let used = Set(entries.compactMap { ($0.config as? any HandlerNaming)?.handlerName })
        return names.filter { !used.contains(ExactText($0)) }
    }
}
