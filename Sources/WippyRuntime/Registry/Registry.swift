import Synchronization
public import WippyDefinition

/// Holds the plan in force, and everything that was built from it.
public final class Registry: Sendable {
    /// A plan that was put in force, with its number.
    public struct Version: Sendable {
        /// The number of the version; 0 for the empty plan with which a registry begins.
        ///
        /// Each new plan in force gets the next number.
        public let number: Int
        /// The plan.
        public let plan: Plan
        /// The services of the plan; empty for a version in ``Registry/kept``.
        let services: ServiceGraph
    }

    /// The versions that were put in force.
    struct History: Sendable {
        /// The number of the newest version.
        fileprivate var lastNumber = 0
        /// The versions that can be put in force again, in order of number.
        fileprivate var kept: [Version] = []

        fileprivate mutating func add(_ version: Version) {
            // The services of a version that is not in force must not stay in memory.
            let version = Version(number: version.number, plan: version.plan, services: .empty)
            if let place = kept.firstIndex(where: { $0.number == version.number }) {
                kept[place] = version
            } else {
                kept = kept.suffix(Registry.maxKeptVersions - 1) + [version]
            }
        }
    }

    /// What a version has replaced.
    private struct Replaced: Sendable {
        let version: Version
        let history: History
        let slots: [EntryID: Slot]
        /// The components to which the links led that code outside of the plan has asked for.
        let components: [any Sendable]
    }

    private struct State {
        var version = Version(number: 0, plan: .empty, services: .empty)
        var history = History()
        /// True while a plan is being applied.
        var isApplying = false
        var slots: [EntryID: Slot] = [:]
        /// The links that code outside of the plan has asked for.
        var handedOut = HandedOutLinks()

        /// Puts a version in force.
        ///
        /// - Returns: what it replaces. Release it outside of the lock, because that can run a kind's own code.
        mutating func put(_ version: Version, _ slots: [EntryID: Slot], _ history: History) -> Replaced {
            let replaced = Replaced(
                version: self.version, history: self.history, slots: self.slots, components: handedOut.lead(to: slots))
            (self.version, self.slots, self.history) = (version, slots, history)
            return replaced
        }
    }

    private let state = Mutex(State())
    private let changes = Atomic(0)
    private let editing = Mutex<(any RegistryEditor)?>(nil)

    /// The number of versions that are kept.
    static let maxKeptVersions = 100

    /// Creates a registry without entries.
    public init() {}

    /// The number of times that the plan in force has changed.
    ///
    /// If you keep a link from ``link(to:as:)`` or ``links(as:)``, ask for it again when this number changes.
    public var changeCount: Int { changes.load(ordering: .acquiring) }

    /// The version in force: the plan, with its number.
    public var current: Version { state.withLock { $0.version } }

    /// The last versions since the latest start of the application, at most 100, in order of number.
    ///
    /// ``RegistryEditor/go(to:)`` puts one of them in force again.
    public var kept: [Version] { state.withLock { $0.history.kept } }

    /// The editor with which code changes entries; nil if the application does not run.
    public package(set) var editor: (any RegistryEditor)? {
        get { editing.withLock { $0 } }
        set { editing.withLock { $0 = newValue } }
    }

    /// Returns a link to an entry of the plan in force; nil if the plan does not have the entry, or if the entry does
    /// not offer the contract.
    public func link<Offered: Sendable>(to id: EntryID, as contract: Contract<Offered>) -> Link<Offered>? {
        state.withLock { state in
            guard let offered = state.slots[id]?.built.offered.link(as: contract) else { return nil }
            if let link = state.handedOut.link(to: id, as: contract) { return link }
            let link = Link(offered.target)
            state.handedOut.add(link, to: id, as: contract)
            return link
        }
    }

    /// The number of links that ``link(to:as:)`` and ``links(as:)`` have returned and the registry still keeps.
    var handedOutCount: Int { state.withLock { $0.handedOut.count } }

    /// Returns links to all entries of the plan in force that offer a contract, by their ids.
    public func links<Offered: Sendable>(as contract: Contract<Offered>) -> [EntryID: Link<Offered>] {
        let links = current.plan.ids(offering: contract).compactMap { id in
            link(to: id, as: contract).map { (id, $0) }
        }
        return Dictionary(uniqueKeysWithValues: links)
    }

    /// Builds every entry of a plan and puts the plan in force, before services run.
    ///
    /// The history of versions begins anew. Components of an earlier run are not used again.
    ///
    /// - Returns: the services to run, with their order; nil if another plan is being applied. Then nothing has
    ///   changed.
    /// - Throws: the errors of the entries that cannot be built. Then nothing has changed.
    package func begin(_ plan: Plan, in environment: RuntimeEnvironment) throws(BuildErrors) -> ServiceGraph? {
        guard beginApplying() else { return nil }
        defer { endApplying() }
        let difference = PlanDifference(from: .empty, to: plan)
        let built = try ComponentBuilder(plan: plan, environment: environment).buildAll()
        let prepared = try PreparedPlan(
            plan: plan, difference: difference, before: [:], slots: built.slots, updates: [:], services: .empty)
        _ = state.withLock { state in
            defer { state.history.kept = [] }
            return state.history.kept
        }
        putInForce(prepared)
        return prepared.services
    }

    /// Notes that a plan is being applied.
    ///
    /// - Returns: false if another one is being applied, so that this one cannot be.
    func beginApplying() -> Bool {
        state.withLock { state in
            defer { state.isApplying = true }
            return !state.isApplying
        }
    }

    /// Notes that no plan is being applied any more.
    func endApplying() { state.withLock { $0.isApplying = false } }

    /// Returns the differences between the plan in force and another plan.
    func difference(to plan: Plan) -> PlanDifference {
        let (version, slots) = state.withLock { ($0.version, $0.slots) }
        return PlanDifference(
            from: version.plan, to: plan,
            namedInCode: slots.filter { !$0.value.wiring.edgesInCode.isEmpty }
                .mapValues { Set($0.wiring.edgesInCode.map(\.to)) },
            basesInCode: slots.filter { !$0.value.wiring.basesInCode.isEmpty }.mapValues(\.wiring.basesInCode))
    }

    /// Builds the changed entries of a plan beside the running ones.
    ///
    /// It changes nothing that runs.
    ///
    /// - Throws: the errors of the entries that cannot be built.
    func prepare(
        _ plan: Plan, _ difference: PlanDifference, in environment: RuntimeEnvironment
    ) throws(BuildErrors) -> PreparedPlan {
        let (version, slots) = state.withLock { ($0.version, $0.slots) }
        let builder = ComponentBuilder(plan: plan, from: slots, difference: difference, environment: environment)
        let built = try builder.buildAll()
        return try PreparedPlan(
            plan: plan, difference: difference, before: slots, slots: built.slots, updates: built.updates,
            services: version.services)
    }

    /// Returns the entries that would keep running under a plan, unchanged or with a new config.
    ///
    /// It changes nothing that runs.
    ///
    /// - Throws: the errors of the entries that cannot be built.
    package func entriesKept(in plan: Plan, environment: RuntimeEnvironment) throws(BuildErrors) -> Set<EntryID> {
        let prepared = try prepare(plan, difference(to: plan), in: environment)
        return Set(plan.entries.map(\.id).filter(prepared.keeps))
    }

    /// Returns what the kind of an entry has built, a ``Built``; nil if the plan in force does not have the entry.
    package func built(_ id: EntryID) -> (any Sendable)? { state.withLock { $0.slots[id]?.built.whole } }

    /// Has another plan in force while `body` runs, for a test.
    ///
    /// Use it only while no service runs.
    ///
    /// - Returns: false if an update could not be prepared. Then `body` was not called.
    /// - Throws: the errors of the entries that cannot be built; the error of `body`.
    package func trying(
        _ plan: Plan, in environment: RuntimeEnvironment, _ body: () async throws -> Void
    ) async throws -> Bool {
        let before = current
        let prepared = try prepare(plan, difference(to: plan), in: environment)
        defer { prepared.finishUpdates() }
        guard await prepared.prepareUpdates(by: environment.clock) == nil else { return false }
        let history = putInForce(prepared)
        defer { takeBack(prepared, to: before, history) }
        try await body()
        return true
    }

    /// Points every link at the new components, and applies the updates of the entries that change in place.
    ///
    /// - Parameter number: the number of a version that is put in force again; nil for a new version.
    /// - Returns: the history until now, for ``takeBack(_:to:_:)``.
    @discardableResult func putInForce(_ prepared: PreparedPlan, as number: Int? = nil) -> History {
        prepared.apply()
        let replaced = state.withLock { state in
            var history = state.history
            if number == nil { history.lastNumber += 1 }
            let version = Version(
                number: number ?? history.lastNumber, plan: prepared.plan, services: prepared.services)
            history.add(version)
            return state.put(version, prepared.slots, history)
        }
        changes.add(1, ordering: .releasing)
        return replaced.history
    }

    /// Puts the earlier plan and its history in force again, and undoes the effects of a plan.
    func takeBack(_ prepared: PreparedPlan, to version: Version, _ history: History) {
        prepared.takeBack()
        _ = state.withLock { $0.put(version, prepared.before, history) }
        changes.add(1, ordering: .releasing)
    }
}
