public import WippyDefinition

/// Swift code behind an entry.
///
/// Do not conform to this protocol itself. Conform to one of its shapes: ``MessageHandler``, ``FunctionHandler``,
/// ``ProcessHandler``, or a shape from a family of kinds, such as `HTTPHandler`.
///
/// The runtime makes one instance for each entry that names the handler. It does so each time that the entry is built:
/// before the application starts, and when a reload builds the entry anew. So a missing database is reported before the
/// application starts. Many tasks call the instance at the same time.
public protocol Handler: Sendable {
    /// The fields under the entry's `config:`. Default: none.
    associatedtype Config: EntryConfig = NoConfig

    /// The handler's name in definition files, after `handler:`. Default: the type's name.
    static var name: String { get }

    /// The shape of the handler: its name in messages, its purpose, and the contract that its entries offer. The
    /// protocols of the shapes implement this property.
    static var shape: HandlerShape { get }

    /// Makes the instance for an entry. Get databases, queues and functions from the context here.
    ///
    /// `lint` also calls this, and discards the instance. So open nothing, write nothing and start no task.
    ///
    /// - Throws: an error that stops the application from being built, or a reload from being applied. The error's
    ///   description is shown with the entry's id.
    init(_ context: HandlerContext) throws
}

extension Handler {
    /// The default: the type's own name.
    public static var name: String { String(describing: Self.self) }

    /// True if the handler reads fields under `config:`.
    package static var hasConfig: Bool { Config.self != NoConfig.self }
}

/// The shape of a handler: its name in messages, its purpose, and the contract that its entries offer.
public struct HandlerShape: Sendable {
    /// The purpose of a handler: the sort of entries that can name it.
    public enum Purpose: Sendable {
        /// For entries that are called.
        case function
        /// For entries that run by themselves.
        case process

        /// The sort of entries in words, with an article.
        var words: String {
            switch self {
            case .function: "a function"
            case .process: "a process"
            }
        }
    }

    /// The name of the shape in messages, with an article, such as `a message handler`.
    public let words: String

    /// The sort of entries that can name such a handler.
    public let purpose: Purpose

    /// The contracts that an entry with such a handler offers.
    public let offers: [Offer<HandlerInstance>]

    /// The handler type that has the shape.
    let subject: any Handler.Type

    /// Makes the handler for an entry.
    let make: @Sendable (HandlerContext, Placement) throws -> HandlerInstance

    /// Describes the shape of a handler type.
    ///
    /// - Parameters:
    ///   - words: the name of the shape in messages, with an article, such as `an HTTP handler`.
    ///   - type: the handler type.
    ///   - purpose: the sort of entries that can name the handler. Default: functions.
    ///   - contract: the contract that an entry with such a handler offers.
    ///   - view: turns an instance of the handler into the contract's type. It must make every call to the handler
    ///     through the placement.
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

/// A handler that was made for an entry.
///
/// The handler's shape has turned it into the type of the contract that the entry offers.
public struct HandlerInstance: Sendable {
    /// The link to the handler.
    ///
    /// Only the handler's shape knows the type, because a definition file names the handler.
    let link: any AnyLink
}

/// The executor on which a handler's code runs, and the entry that the code belongs to.
public struct Placement: Sendable {
    @usableFromInline let entry: RunningEntry
    @usableFromInline let executors: any ExecutorProvider
    @usableFromInline let executor: (any TaskExecutor)?

    /// Creates a placement.
    ///
    /// - Parameters:
    ///   - entry: the id of the entry that the handler is made for.
    ///   - executors: the event loops and the shared pool of the application.
    ///   - executor: the executor for code that blocks or computes for more than a millisecond; nil for the caller's
    ///     event loop. Default: nil.
    public init(of entry: EntryID, among executors: any ExecutorProvider, on executor: (any TaskExecutor)? = nil) {
        self.entry = RunningEntry(entry)
        self.executors = executors
        self.executor = executor
    }

    /// Runs code on the placement's executor.
    ///
    /// Reports of traps and stalls name the placement's entry.
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

    /// Runs code on the current executor.
    ///
    /// Reports of traps and stalls name the placement's entry.
    @inlinable
    public func runHere<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await RunningEntry.current.withValue(entry) {
            let call = executors.began(entry)
            defer { if let call { executors.ended(call) } }
            return try await body()
        }
    }
}
