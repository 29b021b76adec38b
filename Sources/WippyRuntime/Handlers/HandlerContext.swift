public import WippyDefinition
public import WippyLog
public import WippyText

/// What a handler is made with.
///
/// Valid during the handler's initialiser: what it needs later it keeps.
public struct HandlerContext {
    /// Where a handler gets what it asks for.
    private enum Source {
        /// The entries of a plan.
        case plan(BuildContext, uses: [ExactText: EntryID], config: any EntryConfig)
        /// What a test has in their places.
        case standIns(StandIns)
    }

    /// The entry that the handler is made for.
    public let id: EntryID

    /// The log, with the entry's id attached.
    public let log: Log

    private let environment: RuntimeEnvironment
    private let source: Source

    /// Creates the context for an entry.
    ///
    /// - Parameters:
    ///   - build: what the entry is built with.
    ///   - uses: the entry's short names for other entries.
    ///   - config: what stands under the entry's `config`, decoded as the handler's `Config`.
    public init(build: BuildContext, uses: [ExactText: EntryID], config: any EntryConfig) {
        (id, log, environment) = (build.id, build.log, build.environment)
        source = .plan(build, uses: uses, config: config)
    }

    /// Creates the context for a handler without a plan.
    package init(_ id: EntryID, _ standIns: StandIns, in environment: RuntimeEnvironment) {
        (self.id, self.environment) = (id, environment)
        log = environment.log.with(entry: id.description)
        source = .standIns(standIns)
    }

    /// Counters and timers.
    public var metrics: Metrics { environment.metrics }

    /// The clock to wait by: a test can advance it.
    public var clock: any RuntimeClock { environment.clock }

    /// What stands under `config:`, decoded.
    ///
    /// - Throws: ``BuildError`` when `type` is not the handler's own `Config`.
    public func config<Config: EntryConfig>(_ type: Config.Type = Config.self) throws -> Config {
        switch source {
        case .standIns(let standIns): return try standIns.config(type)
        case .plan(_, _, let config):
            guard let config = config as? Config else {
                throw BuildError(id, "the handler asks for a \(type), which is not its Config; declare it as such")
            }
            return config
        }
    }

    /// The way to another entry, by its alias in `uses` or its full id.
    ///
    /// - Throws: ``BuildError`` when there is no such entry, or it is not what the contract names.
    public func resolve<Offered: Sendable>(_ name: String, as contract: Contract<Offered>) throws -> Link<Offered> {
        switch source {
        case .standIns(let standIns): try standIns.resolve(name, as: contract, for: id)
        case .plan(let build, let uses, _): try Self.resolve(name, as: contract, among: uses, with: build)
        }
    }

    private static func resolve<Offered: Sendable>(
        _ name: String, as contract: Contract<Offered>, among uses: [ExactText: EntryID], with build: BuildContext
    ) throws -> Link<Offered> {
        let id = build.id
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
