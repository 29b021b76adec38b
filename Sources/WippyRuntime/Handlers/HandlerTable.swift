public import WippyDefinition
import WippyText

/// The handlers of a program, by the names that definition files use.
public struct HandlerTable: Sendable {
    /// A handler type with its registered name.
    public struct Registration: Sendable {
        /// The name after `handler:`, or the full id of an entry whose script the handler replaces.
        public let name: String
        /// The handler's type.
        public let type: any Handler.Type
    }

    private let byName: [ExactText: any Handler.Type]
    private let spelling: SpellingIndex

    /// Errors in the list: two handlers with one name, a blank name, or a handler whose `shape` describes another type.
    ///
    /// `lint` and `run` report them with the project's diagnostics.
    public let mistakes: [Diagnostic]

    /// Creates a table.
    ///
    /// If several handlers share a name, the table keeps the first, and ``mistakes`` has an error.
    ///
    /// - Parameters:
    ///   - handlers: handlers with their own names. Default: none.
    ///   - named: handlers by names that you choose. If a name is the full id of a function or process in Lua, such as
    ///     `app:create_task`, the handler replaces the script of that entry. Default: none.
    public init(_ handlers: [any Handler.Type] = [], named: KeyValuePairs<String, any Handler.Type> = [:]) {
        let own = handlers.map { Registration(name: $0.name, type: $0) }
        let registered = Dictionary(
            grouping: own + named.map { Registration(name: $0.key, type: $0.value) }, by: { ExactText($0.name) })
        byName = registered.compactMapValues { $0.first?.type }
        spelling = SpellingIndex(registered.keys.map(\.string))
        mistakes = registered.values.flatMap(Self.mistakes).map { .error(at: Location(source: "handlers"), $0) }
    }

    /// Returns the errors of the handlers with one name.
    private static func mistakes(in handlers: [Registration]) -> [String] {
        let repeated =
            handlers.count < 2
            ? [] : ["the handler '\(handlers[0].name)' is registered \(RepeatedTypes(handlers.map(\.type)))"]
        let isBlank = handlers[0].name.allSatisfy(\.isWhitespace)
        let nameless = isBlank ? ["the handler \(String(reflecting: handlers[0].type)) has a blank name"] : []
        return repeated + nameless
            + handlers.compactMap { handler in
                let subject = handler.type.shape.subject
                return subject == handler.type
                    ? nil
                    : """
                    the handler '\(handler.name)' (\(String(reflecting: handler.type))) has the shape of \
                    \(String(reflecting: subject)); the handler's protocol gives the right shape, so leave 'shape' out
                    """
            }
    }

    /// Returns the handler with a registered name; nil if no handler has it.
    public subscript(name: String) -> (any Handler.Type)? { byName[ExactText(name)] }

    /// Returns the handler that replaces an entry's own code; nil if no handler has the entry's full id as its name.
    public subscript(id: EntryID) -> (any Handler.Type)? { byName[ExactText(id.description)] }

    /// All registered names, sorted.
    public var names: [String] { byName.keys.sorted().map(\.string) }

    /// Returns the names of the handlers for a purpose, sorted.
    func names(for purpose: HandlerShape.Purpose) -> [String] {
        names.filter { self[$0]?.shape.purpose == purpose }
    }

    /// Returns the registered name that is most similar to an unknown name; nil if no name is similar.
    ///
    /// Use it for "did you mean".
    public func nearest(to name: String) -> String? { spelling.nearest(to: name) }
}
