public import WippyDefinition

/// Swift code behind an entry.
///
/// Do not conform to this protocol itself but to one of its shapes: ``MessageHandler``, ``FunctionHandler``,
/// ``ProcessHandler``, or a shape from a family of kinds, such as `HTTPHandler`.
///
/// The runtime makes one instance for each entry that names the handler, whenever the entry is built: before anything
/// starts, and when a reload builds it anew. So a missing database is an error at that entry. Many tasks call the
/// instance at once.
public protocol Handler: Sendable {
    /// The fields under the entry's `config:`; none by default.
    associatedtype Config: EntryConfig = NoConfig

    /// The handler's name in definition files, after `handler:`; by default the type's name.
    static var name: String { get }

    /// What an entry with this handler offers. Each shape implements it.
    static var shape: HandlerShape { get }

    /// Makes the instance for an entry. Get databases, queues and functions from the context here.
    ///
    /// `lint` calls this too and throws the instance away. So open nothing, write nothing and start no task.
    ///
    /// - Throws: an error that stops the application from being built, or a reload from being applied. Its description
    ///   is shown with the entry's id.
    init(_ context: HandlerContext) throws
}

extension Handler {
    /// The type's own name.
    public static var name: String { String(describing: Self.self) }

    /// Whether it reads something under `config:`.
    package static var hasConfig: Bool { Config.self != NoConfig.self }
}

/// What an entry offers through its handler.
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

    /// The shape in words, with an article: `a message handler`.
    public let words: String

    /// Whether such a handler is for entries that are called, or for processes.
    public let purpose: Purpose

    /// What such an entry offers.
    public let offers: [Offer<HandlerInstance>]

    /// The handler type that has the shape.
    let subject: any Handler.Type

    /// Makes the handler for an entry.
    let make: @Sendable (HandlerContext, Placement) throws -> HandlerInstance

    /// Describes the shape of a handler type.
    ///
    /// - Parameters:
    ///   - words: what the shape is called in messages: `an HTTP handler`.
    ///   - type: the handler type.
    ///   - purpose: whether the handler is for entries that are called, or for processes.
    ///   - contract: the contract that an entry with such a handler offers.
    ///   - view: turns an instance of the handler into the contract's type. Every call to the handler goes through the
    ///     placement.
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

/// A handler made for an entry, as the type of its shape's contract.
public struct HandlerInstance: Sendable {
    /// The `Link` to it; its type is known to the shape, which is chosen by a name in a definition file.
    let link: any AnyLink
}

/// Where a handler's code runs, and as the code of which entry.
public struct Placement: Sendable {
    @usableFromInline let entry: RunningEntry
    @usableFromInline let executors: any ExecutorProvider
    @usableFromInline let executor: (any TaskExecutor)?

    /// Creates a placement.
    ///
    /// - Parameters:
    ///   - entry: the entry that the handler is made for.
    ///   - executors: the loops and the pool of the application.
    ///   - executor: an executor for code that blocks or computes for more than a millisecond; nil for the caller's
    ///     loop.
    public init(of entry: EntryID, among executors: any ExecutorProvider, on executor: (any TaskExecutor)? = nil) {
        self.entry = RunningEntry(entry)
        self.executors = executors
        self.executor = executor
    }

    /// Runs code on the placement's executor, as code of its entry.
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

    /// Runs code on the current executor, as code of its entry.
    @inlinable
    public func runHere<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await RunningEntry.current.withValue(entry) {
            let call = executors.began(entry)
            defer { if let call { executors.ended(call) } }
            return try await body()
        }
    }
}
