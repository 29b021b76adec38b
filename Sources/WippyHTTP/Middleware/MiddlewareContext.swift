public import WippyDefinition
public import WippyLog
public import WippyRuntime

/// Gives a middleware the log, the metrics and the clock, and the entries that its options name.
///
/// Use it only in the middleware's `init`, and store the objects for later use.
public struct MiddlewareContext {
    /// Where the links of a middleware come from.
    private enum Source {
        case plan(BuildContext)
        case standIns(any HandlerSource)
    }

    /// The id of the router's entry.
    public let id: EntryID

    /// The log, with the id of the router's entry attached.
    public let log: Log

    private let environment: RuntimeEnvironment
    private let source: Source

    /// Creates the context for the middleware of a router.
    init(_ build: BuildContext) {
        (id, log, environment) = (build.id, build.log, build.environment)
        source = .plan(build)
    }

    /// Creates the context for a middleware of a test without a plan.
    ///
    /// The names of the stand-ins are the full ids of entries.
    package init(_ id: EntryID, from source: any HandlerSource, in environment: RuntimeEnvironment) {
        (self.id, self.environment, self.source) = (id, environment, .standIns(source))
        log = environment.log.with(entry: id.description)
    }

    /// The counters, timers and gauges.
    public var metrics: Metrics { environment.metrics }

    /// The application's clock.
    ///
    /// A test can advance it. So use this clock for every wait.
    public var clock: any RuntimeClock { environment.clock }

    /// Returns a link to the entry that an option names.
    ///
    /// A reload can point the link at a new component, so read its `target` at each use.
    ///
    /// - Throws: an error when that entry does not offer the contract or cannot be built. Do not catch the error.
    public func resolve<Offered: Sendable>(_ reference: Reference<Offered>) throws -> Link<Offered> {
        switch source {
        case .plan(let build): try build.resolve(reference)
        case .standIns(let source): try source.resolve("\(reference.id)", as: reference.contract)
        }
    }
}
