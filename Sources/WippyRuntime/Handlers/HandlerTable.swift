public import WippyDefinition
public import WippyText

/// The handlers that a program brings along, by the name under which definition files find them.
public struct HandlerTable: Sendable {
    /// A handler type and the name that it was given.
    public struct Registration: Sendable {
        /// The name after `handler:`, or the full id of an entry whose code the handler takes over.
        public let name: String
        /// The handler.
        public let type: any Handler.Type
    }

    private let byName: [ExactText: any Handler.Type]

    /// Creates a table.
    ///
    /// The list is part of the program, so two handlers of one name are a broken invariant and trap.
    ///
    /// - Parameters:
    ///   - handlers: handlers under their own names.
    ///   - named: handlers under other names; a full id such as `app:create_task` makes the handler take the place of
    ///     that entry's Lua code.
    public init(_ handlers: [any Handler.Type] = [], named: [ExactText: any Handler.Type] = [:]) {
        let own = handlers.map { Registration(name: $0.name, type: $0) }
        let given = named.map { Registration(name: $0.key.string, type: $0.value) }
        byName = Dictionary((own + given).map { (ExactText($0.name), $0.type) }) { first, second in
            preconditionFailure("\(first) and \(second) are both registered as '\(first.name)'")
        }
    }

    /// The handler of a name.
    public subscript(name: String) -> (any Handler.Type)? { byName[ExactText(name)] }

    /// The handler that takes the place of an entry's own code, if one is registered under the entry's full id.
    public subscript(id: EntryID) -> (any Handler.Type)? { byName[ExactText(id.description)] }

    /// Every name, in order of text.
    public var names: [String] { byName.keys.sorted().map(\.string) }

    /// The nearest registered name to one that nobody has registered.
    public func nearest(to name: String) -> String? { Spelling.nearest(to: name, among: names) }
}
