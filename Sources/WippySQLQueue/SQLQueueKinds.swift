package import WippyDefinition
import WippyMessaging
public import WippyRuntime

/// The kinds for durable queues.
public enum SQLQueueKinds {
    /// The kind `queue.driver.sql`, which keeps the messages of queues in the tables of a database.
    public static let all: [any ProgramPart] = [QueueDriverSQLKind()]

    /// Returns the queues of a plan that this driver keeps, in order of id.
    package static func queues(in plan: Plan) -> [EntryID] {
        plan.ids(offering: .queue).filter { id in
            plan.bases(of: id).contains { plan[$0]?.kind == QueueDriverSQLKind.name }
        }
    }

    /// The field of a queue for the time that the driver keeps an acknowledged message.
    package static let retentionField = "\(QueueDriverSQLKind.optionsPath).\(SQLQueueDriver.Options.retentionField)"
}
