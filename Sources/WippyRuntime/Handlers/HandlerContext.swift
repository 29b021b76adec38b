public import WippyDefinition
public import WippyLog
public import WippyText

/// Gives a handler what it needs, such as databases, queues, functions and its config.
///
/// Use it only in the handler's `init`, and store the objects for later use.
public struct HandlerContext {
    /// The id of the entry for which the handler is made.
    public let id: EntryID

    /// The log, with the entry's id attached.
    public let log: Log

    private let runtime: RuntimeEnvironment
    private let source: any HandlerSource

    /// Creates the context for an entry.
    ///
    /// - Parameters:
    ///   - build: the context in which the entry is built.
    ///   - uses: the entry's short names for other entries.
    ///   - config: the entry's `config`, decoded as the handler's `Config`.
    public init(build: BuildContext, uses: [ExactText: EntryID], config: any EntryConfig) {
        (id, log, runtime) = (build.id, build.log, build.environment)
        source = PlanHandlerSource(build: build, uses: uses, config: config)
    }

    /// Creates the context for a handler of a test without a plan.
    package init(_ id: EntryID, from source: any HandlerSource, in environment: RuntimeEnvironment) {
        (self.id, runtime, self.source) = (id, environment, source)
        log = environment.log.with(entry: id.description)
    }

    /// The counters, timers and gauges.
    public var metrics: Metrics { runtime.metrics }

    /// The application's clock.
    ///
    /// A test can advance it. So use this clock for every wait.
    public var clock: any RuntimeClock { runtime.clock }

    /// The fields under the entry's `config:`, decoded.
    ///
    /// - Throws: in an application, ``BuildError`` when `type` is not the handler's own `Config`; in a test of a single
    ///   handler, `InvalidProject` when the test's config has errors.
    public func config<Config: EntryConfig>(_ type: Config.Type = Config.self) throws -> Config {
        try source.config(type)
    }

    /// Returns a link to another entry, by its name in `uses` or by its full id.
    ///
    /// - Throws: an error when the entry does not exist, does not offer the contract, or cannot be built. Do not catch
    ///   the error.
    public func resolve<Offered: Sendable>(_ name: String, as contract: Contract<Offered>) throws -> Link<Offered> {
        try source.resolve(name, as: contract)
    }

    /// Returns the text of an `env.variable`, by the entry's name in `uses` or by its full id.
    ///
    /// The text is the one that was read with the project. If a reload changes the text, the runtime makes a new
    /// instance of the handler. If the text is a secret, do not log or throw it.
    ///
    /// - Throws: an error when the entry does not exist, is not a variable or cannot be built, or when the variable has
    ///   no text. Do not catch the error.
    public func variable(_ name: String) throws -> String {
        let (variable, use) = try source.variable(name)
        guard let text = variable.text else {
            throw BuildError(
                id, "the variable '\(name)' (\(variable.place)) has no value; set it, or give it a 'default'", at: use,
                related: [variable.place])
        }
        return text
    }

    /// Returns a function that the handler can call, by its name in `uses` or by its full id.
    ///
    /// - Throws: the same errors as ``resolve(_:as:)``.
    public func function(_ name: String) throws -> LinkedFunction {
        LinkedFunction(link: try resolve(name, as: .function))
    }
}
