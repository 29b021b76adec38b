public import WippyDefinition

/// The result of applying a plan to a running application.
public struct PlanChange: Sendable {
    /// The result: the plan was applied, or the reason why not.
    public enum Outcome: Sendable, Hashable {
        /// The plan is in force.
        case applied
        /// The plan was refused for the given reason. No service of the old plan was stopped for it.
        case refused(String)
        /// The change was begun and then undone, for the given reason. The old plan is in force.
        case takenBack(String)
        /// The application began to stop before the change was complete.
        case interrupted
    }

    /// The result: the plan was applied, or the reason why not.
    public let outcome: Outcome

    /// The number of the version that is now in force.
    public let version: Int

    /// The differences between the two plans.
    public let difference: PlanDifference

    /// The services of the old plan that were stopped, in order of id.
    public let ended: [EntryID]

    /// The time that the change took.
    public let duration: Duration
}

extension Registry {
    /// Replaces the plan in force while the application runs.
    ///
    /// Changed entries are built first, beside the running ones. Then the steps are:
    ///
    /// 1. The new resources start.
    /// 2. The other services that are removed or built anew stop, and accepted work moves.
    /// 3. Every link is pointed at the new components, without a wait.
    /// 4. The other new services start.
    /// 5. The removed resources stop.
    ///
    /// The change is made as a whole or not at all. If another plan is being applied, the plan is refused.
    ///
    /// - Parameters:
    ///   - plan: a plan without errors.
    ///   - environment: the environment in which the application was built.
    ///   - supervisor: the supervisor that runs the services of the plan in force.
    ///   - discardsWork: true if entries that have accepted work may be removed with it. Otherwise such a plan is
    ///     not applied. Default: false.
    ///   - number: the version's number if it was in force before; nil for a new version. Default: nil.
    /// - Throws: the errors of the entries that cannot be built. Then nothing has changed.
    package func apply(
        _ plan: Plan, in environment: RuntimeEnvironment, by supervisor: Supervisor, discardsWork: Bool = false,
        as number: Int? = nil
    ) async throws(BuildErrors) -> PlanChange {
        guard beginApplying() else {
            return PlanChange(
                outcome: .refused("another plan is being applied"), version: current.number,
                difference: difference(to: plan), ended: [], duration: .zero)
        }
        defer { endApplying() }
        let start = environment.clock.now
        let before = current
        let difference = difference(to: plan)
        // A later run of the application cannot begin before the end of this call.
        guard supervisor.stage != .ended else {
            return PlanChange(
                outcome: .interrupted, version: before.number, difference: difference, ended: [], duration: .zero)
        }
        // Entries of a plan that was refused have no figures either.
        defer { environment.metrics.forgetEntries { current.plan[$0] != nil } }
        let prepared = try prepare(plan, difference, in: environment)
        var change = RunningChange(
            prepared, of: self, from: before, by: supervisor, clock: environment.clock,
            discardsWork: discardsWork, as: number)
        let outcome = await change.run()
        return PlanChange(
            outcome: outcome, version: current.number, difference: difference, ended: change.ended,
            duration: environment.clock.now - start)
    }
}
