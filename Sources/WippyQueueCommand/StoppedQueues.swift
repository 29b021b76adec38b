import WippyApplication
package import WippyDefinition
package import WippyMessaging
package import WippyRuntime

/// The queues of a project that does not run.
///
/// Only the services that their drivers need are running, such as databases. The drivers' own services are not.
package struct StoppedQueues: Sendable {
    /// The queues by their ids.
    ///
    /// A queue whose database has no file yet is left out, because it is empty.
    package let queues: [EntryID: any MessageQueue]

    /// Opens the queues of a project while `body` runs.
    ///
    /// - Parameter checked: a project without errors.
    /// - Throws: `BuildErrors`, and the errors of databases and of `body`.
    package static func open<Result: Sendable>(
        of checked: CheckedProject, _ body: (StoppedQueues) async throws -> Result
    ) async throws -> Result {
        let ids = checked.plan.ids(offering: .queue)
        let drivers = checked.plan.ids(offering: .queueDriver)
        return try await OpenedEntries.open(ids, withoutServicesOf: drivers, of: checked) { opened in
            let queues = ids.compactMap { id in opened.offered(by: id, as: .queue).map { (id, $0) } }
            return try await body(StoppedQueues(queues: Dictionary(uniqueKeysWithValues: queues)))
        }
    }
}
