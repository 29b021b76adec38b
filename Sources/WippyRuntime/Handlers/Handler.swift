public import WippyDefinition

/// Swift code behind an entry.
///
/// Conform to one of its shapes: ``MessageHandler``, ``FunctionHandler``, ``ProcessHandler``, or one that a family of
/// kinds has.
///
/// One instance is made for each entry that names the handler, each time that the entry is built: before anything
/// starts, and when a reload builds it anew. So a missing database is an error at that entry. The instance is called
/// from many tasks at once.
public protocol Handler: Sendable {
    /// What stands under `config:` of the entry; nothing unless the handler says otherwise.
    associatedtype Config: EntryConfig = NoConfig

    /// The name after `handler:` in a definition file; the type's own name unless stated.
    static var name: String { get }

    /// What an entry with this handler offers; each shape answers it for its handlers.
    static var shape: HandlerShape { get }

    /// Makes the instance for an entry: here a handler gets its databases and queues.
    ///
    /// A check makes it, too, and lets go of it: so this opens nothing, writes nothing and begins no task.
    ///
    /// - Throws: what stops the application from being built, or a reload from being applied; the description is shown
    ///   with the entry's id.
    init(_ context: HandlerContext) throws
}

extension Handler {
    /// The type's own name.
    public static var name: String { String(describing: Self.self) }

    /// Whether it reads something under `config:`.
    package static var hasConfig: Bool { Config.self != NoConfig.self }
}

/// What an entry offers by the shape of its handler.
public struct HandlerShape: Sendable {
    /// What a handler is for.
    public enum Purpose: Sendable {
        /// An entry that is called.
        case function
        /// An entry that runs by itself.
        case process

        /// An entry of that sort, with its article.
        var words: String {
            switch self {
            case .function: "a function"
            case .process: "a process"
            }
        }
    }

    /// The words with their article: `a message handler`.
    public let words: String

    /// The kinds of entry that such a handler can stand behind.
    public let purpose: Purpose

    /// What such an entry offers.
    public let offers: [Offer<HandlerInstance>]

    /// The handler type that has the shape.
    let subject: any Handler.Type

    /// Makes the handler for an entry.
    let make: @Sendable (HandlerContext, Placement) throws -> HandlerInstance

    /// Describes the shape of one handler type.
    ///
    /// - Parameter view: makes what the contract names from an instance of the handler; every call into the handler
    ///   goes through the placement.
    public init<Shaped: Handler, Offered: Sendable>(
        _ words: String, of type: Shaped.Type, purpose: Purpose = .function, offers contract: Contract<Offered>,
        _ view: @escaping @Sendable (Shaped, Placement) -> Offered
    ) {
        self.words = words
        self.purpose = purpose
        subject = type
        offers = [Offer(contract: contract.erased) { $0.link }]
        make = { HandlerInstance(link: Link(view(try Shaped($0), $1))) }
    }
}

/// A handler made for an entry, as what the contract of its shape names.
public struct HandlerInstance: Sendable {
    /// The `Link` to it; its type is known to the shape, which is chosen by a name in a definition file.
    let link: any AnyLink
}

/// Where a handler's code runs, and for which entry.
public struct Placement: Sendable {
    @usableFromInline let entry: RunningEntry
    @usableFromInline let executors: any ExecutorProvider
    @usableFromInline let executor: (any TaskExecutor)?

    /// Creates a placement.
    ///
    /// - Parameters:
    ///   - entry: the entry that the handler is made for.
    ///   - executor: an executor of its own, for code that blocks or computes for more than a millisecond; without one
    ///     it runs on the loop of whoever calls.
    public init(of entry: EntryID, among executors: any ExecutorProvider, on executor: (any TaskExecutor)? = nil) {
        self.entry = RunningEntry(entry)
        self.executors = executors
        self.executor = executor
    }

    /// Runs code in its place, as code of its entry.
    @inlinable
    public func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        guard let executor else { return try await runHere(body) }
        return try await RunningEntry.current.withValue(entry) {
            try await withTaskExecutorPreference(executor) {
                RunningEntry.prepareThread()
                return try await body()
            }
        }
    }

    /// Runs code where it is, as code of its entry.
    @inlinable
    public func runHere<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await RunningEntry.current.withValue(entry) {
            let call = executors.began(entry)
            defer { if let call { executors.ended(call) } }
            return try await body()
        }
    }
}
