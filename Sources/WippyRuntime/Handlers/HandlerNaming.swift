import WippyDefinition
public import WippyText

/// A configuration that names a handler of the program.
public protocol HandlerNaming {
    /// The name under which the handler is registered.
    var handlerName: ExactText { get }
}

extension Plan {
    /// The names of those handlers that no entry of the plan names, or has for its id, in order.
    public func unused(among handlers: HandlerTable) -> [String] {
        let named = entries.compactMap { ($0.config as? any HandlerNaming)?.handlerName }
        let used = Set(named + entries.map { ExactText($0.id.description) })
        return handlers.names.filter { !used.contains(ExactText($0)) }
    }
}
