import WippyApplication
import WippyCommandLine
import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippySQL

/// The data of a project that `verify crash` cannot copy, so that the application would change them.
enum UncopiedData {
    /// Refuses a project with such data: those of a database that is not in a file, and the messages of a durable queue
    /// that is in no database.
    ///
    /// No service is started.
    ///
    /// - Throws: `UsageError` with the id and the place of each entry that keeps such data; `BuildErrors` when a queue
    ///   cannot be built.
    static func refuse(in checked: CheckedProject) async throws {
        let owners = try await checked.plan.databasesWithoutCopy + durableQueues(of: checked)
        guard !owners.isEmpty else { return }
        let names = owners.map { "'\($0.id)' (\($0.location))" }.joined(separator: ", ")
        throw UsageError(
            "the application would change your own data, because this command can copy only databases in files, and "
                + "these entries keep data elsewhere: \(names)")
    }

    /// Returns the durable queues that are in no database.
    private static func durableQueues(of checked: CheckedProject) async throws -> [PlannedEntry] {
        let plan = checked.plan
        let databases = Set(plan.ids(offering: .database) + plan.ids(offering: .queueDatabase))
        let queues = plan.ids(offering: .queue).filter { plan.bases(of: $0).isDisjoint(with: databases) }
        guard !queues.isEmpty else { return [] }
        let idle = plan.entries.map(\.id)
        let durable = try await OpenedEntries.open(queues, withoutServicesOf: idle, of: checked) { opened in
            queues.filter { opened.offered(by: $0, as: .queue)?.isDurable == true }
        }
        return durable.compactMap { plan[$0] }
    }
}
