import WippyDefinition
public import WippyText

/// A config that names a handler of the program.
public protocol HandlerNaming {
    /// The name of the handler, even if no handler has it.
    var handlerName: ExactText { get }
}

extension Plan {
    /// Returns the names of the handlers that no entry of the plan names, sorted.
    ///
    /// An entry names a handler only by a config that is a ``HandlerNaming``.
    ///
    /// A name that is the full id of an entry of the plan is left out, because such a handler can replace the entry's
    /// code.
    public func unused(among handlers: HandlerTable) -> [String] {
        let names = handlers.names.filter { name in EntryID(name).flatMap { self[$0] } == nil }
        guard !names.isEmpty else { return [] }
        let used = Set(entries.compactMap { ($0.config as? any HandlerNaming)?.handlerName })
        return names.filter { !used.contains(ExactText($0)) }
    }
}
