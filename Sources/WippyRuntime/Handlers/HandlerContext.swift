public import WippyDefinition
public import WippyLog
public import WippyText

/// What a handler is made with.
///
/// Valid during the handler's initialiser: what it needs later it keeps.
public struct HandlerContext {
    private let build: BuildContext
    private let uses: [ExactText: EntryID]
    private let config: any EntryConfig

    /// Creates the context for an entry.
    ///
    /// - Parameters:
    ///   - build: what the entry is built with.
    ///   - uses: the entry's short names for other entries.
    ///   - config: what stands under the entry's `config`, decoded as the handler's `Config`.
    public init(build: BuildContext, uses: [ExactText: EntryID], config: any EntryConfig) {
        self.build = build
        self.uses = uses
        self.config = config
    }

    /// The entry that the handler is made for.
    public var id: EntryID { build.id }

    /// The log, with the entry's id attached.
    public var log: Log { build.log }

    /// Counters and timers.
    public var metrics: Metrics { build.environment.metrics }

    /// The clock to wait by: a test can advance it.
    public var clock: any RuntimeClock { build.environment.clock }

    /// What stands under `config:`, decoded.
    ///
    /// - Throws: ``BuildError`` when `type` is not the handler's own `Config`.
    public func config<Config: EntryConfig>(_ type: Config.Type = Config.self) throws -> Config {
        guard let config = config as? Config else {
            throw BuildError(id, "the handler asks for a \(type), which is not its Config; declare it as such")
        }
        return config
    }

    /// The way to another entry, by its alias in `uses` or its full id.
    ///
    /// - Throws: ``BuildError`` when there is no such entry, or it is not what the contract names.
    public func resolve<Offered: Sendable>(_ name: String, as contract: Contract<Offered>) throws -> Link<Offered> {
        if let target = uses[ExactText(name)] { return try build.resolve(target, as: contract) }
        guard name.unicodeScalars.contains(":"), let target = EntryID(name, relativeTo: id.namespace) else {
            let help = Spelling.nearest(to: name, among: uses.keys.map(\.string)).map { "did you mean '\($0)'?" }
            throw BuildError(
                id, "'uses' has no name '\(name)' for \(contract.words); \(help ?? "add it there, or use a full id")")
        }
        return try build.resolve(target, as: contract)
    }

    /// A queue to publish to, by its alias in `uses` or its full id.
    ///
    /// - Throws: as ``resolve(_:as:)``.
    public func queue(_ name: String) throws -> Queue {
        Queue(link: try resolve(name, as: .queue))
    }

    /// A function to call, by its alias in `uses` or its full id.
    ///
    /// - Throws: as ``resolve(_:as:)``.
    public func function(_ name: String) throws -> RemoteFunction {
        RemoteFunction(link: try resolve(name, as: .function))
    }
}
