public import WippyDefinition

/// Swift code behind an entry. Conform to one of its shapes: `HTTPHandler`, ``MessageHandler``, ``FunctionHandler`` or
/// ``ProcessHandler``.
///
/// One instance is made for each entry that names the handler, when the application is built, so that a missing
/// database is an error at that entry before anything starts. The instance is called from many tasks at once.
public protocol Handler: Sendable {
    /// What stands under `config:` of the entry; nothing unless the handler says otherwise.
    associatedtype Config: EntryConfig = NoConfig

    /// The name after `handler:` in a definition file; the type's own name unless stated.
    static var name: String { get }

    /// What an entry with this handler offers; each shape answers it for its handlers.
    static var shape: HandlerShape { get }

    /// Makes the instance for an entry: here a handler gets its databases and queues.
    ///
    /// - Throws: what stops the application from being built; the description is shown with the entry's id.
    init(_ context: HandlerContext) throws
}

extension Handler {
    /// The type's own name.
    public static var name: String { String(describing: Self.self) }
}

/// What an entry offers by the shape of its handler.
public struct HandlerShape: Sendable {
    /// The kinds of entry that a handler can stand behind.
    public enum Family: Sendable {
        /// `function.swift`, and Lua functions that Swift takes over.
        case function
        /// `process.swift`, and Lua processes that Swift takes over.
        case process
    }

    /// The words with their article: `a message handler`.
    public let words: String

    /// The kinds of entry that such a handler can stand behind.
    public let family: Family

    /// What such an entry offers.
    public let offers: [Offer<any Handler>]

    /// Describes the shape of one handler type.
    ///
    /// - Parameter view: makes what the contract names from an instance of the handler.
    public init<Shaped: Handler, Offered: Sendable>(
        _ words: String, of type: Shaped.Type, family: Family = .function, offers contract: Contract<Offered>,
        _ view: @escaping @Sendable (Shaped) -> Offered
    ) {
        self.words = words
        self.family = family
        self.offers = [
            Offer(contract) { handler in
                guard let handler = handler as? Shaped else {
                    preconditionFailure("\(contract.words) was made for \(Shaped.self), not \(Swift.type(of: handler))")
                }
                return view(handler)
            }
        ]
    }
}
