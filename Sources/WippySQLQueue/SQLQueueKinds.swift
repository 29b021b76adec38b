package import WippyDefinition
import WippyQueue
public import WippyRuntime

/// The kinds for durable queues.
public enum SQLQueueKinds {
    /// The driver that keeps messages in the tables of a database.
    public static let all: [any ProgramPart] = [QueueSQLDriverKind()]

    /// Returns the driver's kind with an observer of its messages.
    package static func driver(observer: any MessageObserver) -> any EntryKind {
        QueueSQLDriverKind(observer: observer)
    }

    /// The queues of a plan whose driver this is, in order of id.
    package static func queues(in plan: Plan) -> [EntryID] {
        plan.ids(offering: .queue).filter { id in
            plan.parts(of: id).contains { plan[$0]?.kind == QueueSQLDriverKind.name }
        }
    }

    /// The field of a queue that says how long the driver keeps a finished message.
    package static let retentionField = "\(QueueSQLDriverKind.optionsPath).\(SQLQueueDriver.Options.retentionField)"
}
