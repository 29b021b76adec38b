public import WippyDefinition
import WippyText

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
    private let spelling: SpellingIndex

    /// What is wrong with the list: two handlers of one name, a blank name, a handler with another's shape.
    ///
    /// Mistakes of the program, which `lint` and `run` report with those of the project.
    public let mistakes: [Diagnostic]

    /// Creates a table; of several handlers with one name the first counts.
    ///
    /// - Parameters:
    ///   - handlers: handlers under their own names.
    ///   - named: handlers under other names; a full id such as `app:create_task` makes the handler take the place of
    ///     that entry's own code.
    public init(_ handlers: [any Handler.Type] = [], named: KeyValuePairs<String, any Handler.Type> = [:]) {
        let own = handlers.map { Registration(name: $0.name, type: $0) }
        let registered = Dictionary(
            grouping: own + named.map { Registration(name: $0.key, type: $0.value) }, by: { ExactText($0.name) })
        byName = registered.compactMapValues { $0.first?.type }
        spelling = SpellingIndex(registered.keys.map(\.string))
        mistakes = registered.values.flatMap(Self.mistakes).map { .error(at: Location(source: "handlers"), $0) }
    }

    /// What is wrong with the handlers of one name.
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
                    \(String(reflecting: subject)); its protocol gives it the right one, so leave 'shape' out
                    """
            }
    }

    /// The handler of a name.
    public subscript(name: String) -> (any Handler.Type)? { byName[ExactText(name)] }

    /// The handler that takes the place of an entry's own code, if one is registered under the entry's full id.
    public subscript(id: EntryID) -> (any Handler.Type)? { byName[ExactText(id.description)] }

    /// Every name, in order of text.
    public var names: [String] { byName.keys.sorted().map(\.string) }

    /// The names of those that are for a purpose, in order of text.
    func names(for purpose: HandlerShape.Purpose) -> [String] {
        names.filter { self[$0]?.shape.purpose == purpose }
    }

    /// The nearest registered name to one that nobody has registered.
    public func nearest(to name: String) -> String? { spelling.nearest(to: name) }
}
