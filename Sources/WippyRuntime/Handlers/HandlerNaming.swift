import WippyDefinition
public import WippyText

/// A configuration that names a handler of the program.
public protocol HandlerNaming {
    /// The name under which the handler is registered.
    var handlerName: ExactText { get }
}

extension Plan {
    /// The names of the handlers that no entry of the plan uses, in order.
    public func unused(among handlers: HandlerTable) -> [String] {
        let names = handlers.names.filter { name in EntryID(name, relativeTo: "").flatMap { self[$0] } == nil }
        guard !names.isEmpty else { return [] }
        let used = Set(entries.compactMap { ($0.config as? any HandlerNaming)?.handlerName })
        return names.filter { !used.contains(ExactText($0)) }
    }
}
