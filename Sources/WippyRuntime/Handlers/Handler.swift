public import WippyDefinition

/// Swift code behind an entry.
///
/// Conform to one of its shapes: `HTTPHandler`, ``MessageHandler``, ``FunctionHandler`` or ``ProcessHandler``.
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
    public let offers: [Offer<HandlerInstance>]

    /// Describes the shape of one handler type.
    ///
    /// - Parameter view: makes what the contract names from an instance of the handler; every call into the handler
    ///   goes through the placement.
    public init<Shaped: Handler, Offered: Sendable>(
        _ words: String, of type: Shaped.Type, family: Family = .function, offers contract: Contract<Offered>,
        _ view: @escaping @Sendable (Shaped, Placement) -> Offered
    ) {
        self.words = words
        self.family = family
        self.offers = [
            Offer(contract) { instance in
                guard let handler = instance.handler as? Shaped else {
                    preconditionFailure("the shape of \(Shaped.self) was given a \(Swift.type(of: instance.handler))")
                }
                return view(handler, instance.placement)
            }
        ]
    }
}

/// A handler made for an entry, and where its code runs.
public struct HandlerInstance: Sendable {
    /// The handler.
    public let handler: any Handler
    /// Where its code runs.
    public let placement: Placement

    /// Creates an instance.
    public init(handler: any Handler, placement: Placement) {
        self.handler = handler
        self.placement = placement
    }
}

/// Where a handler's code runs.
public struct Placement: Sendable {
    @usableFromInline let executor: (any TaskExecutor)?

    /// On the loop of whoever calls: for code that waits for nothing, or suspends.
    public static let caller = Placement(executor: nil)

    /// On an executor of its own: for code that blocks or computes for more than a millisecond.
    public static func on(_ executor: any TaskExecutor) -> Placement { Placement(executor: executor) }

    /// Whether code may be called where its caller runs, without ``run(_:)``.
    @inlinable public var isCaller: Bool { executor == nil }

    /// Runs code in its place.
    public func run<Result: Sendable, Failure: Error>(
        _ body: @Sendable () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        guard let executor else { return try await body() }
        return try await withTaskExecutorPreference(executor) { () async throws(Failure) in try await body() }
    }
}
