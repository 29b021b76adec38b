import EventLoops
import Glibc
package import WippyDefinition
import WippyLog
import WippyLoops
import WippyQueue
package import WippyRuntime
import WippySQL

/// The queues of a project that does not run.
///
/// Only the services that their drivers need are running, such as databases.
package struct StoppedQueues: Sendable {
    /// The queues by their ids.
    ///
    /// A queue whose database has no file yet is left out, because it is empty.
    package let queues: [EntryID: any MessageQueue]

    /// The open databases by their ids.
    package let databases: [EntryID: any SQLDatabase]

    /// Opens the entries of which the drivers of a project's queues are made, while `body` runs.
    ///
    /// - Parameters:
    ///   - checked: a project without errors.
    ///   - opensAll: true to open the project's other databases, too. Default: false.
    /// - Throws: ``BuildErrors``, and the errors of databases and of `body`.
    package static func open<Result: Sendable>(
        of checked: CheckedProject, opensAll: Bool = false, _ body: (StoppedQueues) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(count: 1)
        let environment = RuntimeEnvironment(
            executors: LoopExecutors(loops: group), clock: LoopClock(control: group.next()), log: .silent,
            metrics: Metrics())
        let result: Swift.Result<Result, any Error>
        do {
            let plan = checked.plan
            let ids = plan.ids(offering: .queue)
            let databases = plan.ids(offering: .database)
            let build = try PartialBuild(
                of: opensAll ? ids + databases : ids, in: plan, environment: environment)
            let parts = ids.reduce(into: Set(opensAll ? databases : [])) { $0.formUnion(plan.parts(of: $1)) }
                .subtracting(plan.ids(offering: .queueDriver))
            let absent = parts.filter { plan[$0]?.hasFile == false }
            let open = parts.subtracting(absent).sorted()
            let queues = ids.filter { absent.isDisjoint(with: plan.parts(of: $0)) }
            let stopped = StoppedQueues(
                queues: Dictionary(
                    uniqueKeysWithValues: queues.compactMap { id in
                        build.offered(by: id, as: .queue).map { (id, $0) }
                    }),
                databases: Dictionary(
                    uniqueKeysWithValues: databases.filter(open.contains).compactMap { id in
                        build.offered(by: id, as: .database).map { (id, $0) }
                    }))
            result = .success(try await build.run(open) { try await body(stopped) })
        } catch {
            result = .failure(error)
        }
        await group.shutDown()
        return try result.get()
    }
}

extension PlannedEntry {
    /// True if the entry's file exists, or if the entry has no file.
    fileprivate var hasFile: Bool {
        guard let file = (config as? any SQLFileConfig)?.file else { return true }
        return unsafe access(file, F_OK) == 0
    }
}
