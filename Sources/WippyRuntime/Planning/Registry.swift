import Synchronization
public import WippyDefinition

/// The current plan and what was built from it: the one place that knows what runs.
public final class Registry: Sendable {
    /// A plan in force.
    public struct Version: Sendable {
        /// 0 for the empty plan; each plan that is applied counts one up.
        public let number: Int
        /// The plan.
        public let plan: Plan
    }

    private struct State {
        var version = Version(number: 0, plan: .empty)
        var built: [EntryID: BuiltEntry] = [:]
    }

    private let state = Mutex(State())

    /// A registry in which nothing is declared.
    public init() {}

    /// The plan in force.
    public var current: Version { state.withLock { $0.version } }

    /// The way to an entry that runs, as what a contract names; nil when there is none, or it offers something else.
    public func link<Offered: Sendable>(to id: EntryID, as contract: Contract<Offered>) -> Link<Offered>? {
        state.withLock { $0.built[id]?.links[contract.erased] } as? Link<Offered>
    }

    /// Builds a plan and puts it in force.
    ///
    /// - Returns: the services to run, with the order between them.
    /// - Throws: ``BuildError``; nothing has changed then.
    public func apply(_ plan: Plan, in environment: RuntimeEnvironment) throws -> ServiceGraph {
        let builder = ComponentBuilder(plan: plan, environment: environment)
        let built = try builder.buildAll()
        let services = try ServiceGraph(plan, built, in: plan.graph.adding(builder.edgesInCode))
        state.withLock { state in
            state.version = Version(number: state.version.number + 1, plan: plan)
            state.built = built
        }
        return services
    }
}
