public import WippyDefinition

/// The result of applying a plan to a running application.
public struct PlanChange: Sendable {
    /// Whether the plan was applied.
    public enum Outcome: Sendable, Hashable {
        /// The plan is in force.
        case applied
        /// Nothing has changed, for this reason.
        case refused(String)
        /// A new service did not get ready, or messages would have been lost. The stopped services run again, and
        /// everything is as before.
        case takenBack(String)
        /// The application was told to stop during the change.
        case interrupted
    }

    /// Whether the plan was applied.
    public let outcome: Outcome

    /// The number of the version that is now in force.
    public let version: Int

    /// The differences between the two plans.
    public let difference: PlanDifference

    /// The services of the old plan that were stopped, in order of id.
    ///
    /// They were removed or replaced, or run again because the plan was taken back.
    public let ended: [EntryID]

    /// How long the change took.
    public let duration: Duration
}

extension Registry {
    /// Goes from the plan in force to another while the application runs.
    ///
    /// What did not change goes on running. What changed is built first, beside it; then resources start, services that
    /// go or are built anew stop, every link is pointed at what is new without a wait, the other services start, and
    /// resources that go stop last. All or nothing: if the plan cannot be built, or if a required service that it
    /// brings fails or is not ready in its time, what ran before runs again.
    ///
    /// One plan is applied at a time: the caller sees to that.
    ///
    /// - Parameters:
    ///   - plan: a plan without errors.
    ///   - environment: the one that the application was built in.
    ///   - supervisor: what runs the services of the plan in force.
    ///   - discardsMessages: whether queues may go that hold messages; else the plan is refused.
    ///   - number: of the version, if it was in force before; nil for a new one.
    /// - Throws: what is wrong with the entries that cannot be built; nothing has changed then.
    package func apply(
        _ plan: Plan, in environment: RuntimeEnvironment, by supervisor: Supervisor, discardsMessages: Bool = false,
        as number: Int? = nil
    ) async throws(BuildErrors) -> PlanChange {
        let start = environment.clock.now
        let before = current
        let difference = difference(to: plan)
        let prepared = try prepare(plan, difference, in: environment)
        var change = RunningChange(
            prepared, of: self, from: before, by: supervisor, discardsMessages: discardsMessages, as: number)
        let outcome = await change.run()
        return PlanChange(
            outcome: outcome, version: current.number, difference: difference, ended: change.ended,
            duration: environment.clock.now - start)
    }
}
