import EventLoops
import Glibc
public import WippyDefinition
import WippyLog
import WippyLoops
public import WippyRuntime

/// Entries of a project, opened without the rest of its application.
///
/// A command opens the entries that it needs, such as a database or a queue. Only the services of these entries, and of
/// those on which they are built, are running. If a process runs the project at the same time, the entries must permit
/// several users, as a database in a file does.
public struct OpenedEntries: Sendable {
    private let build: PartialBuild
    private let absent: Set<EntryID>

    /// Returns the component of an opened entry as a contract's type; nil if the entry does not offer the contract, or
    /// if it could not be opened because a file does not exist.
    ///
    /// - Parameters:
    ///   - id: one of the ids that ``open(_:withoutServicesOf:of:_:)`` got.
    ///   - contract: the contract.
    public func offered<Offered: Sendable>(by id: EntryID, as contract: Contract<Offered>) -> Offered? {
        absent.contains(id) ? nil : build.offered(by: id, as: contract)
    }

    /// Opens entries of a project while `body` runs.
    ///
    /// An entry is not opened if its file, or the file of an entry on which it is built, does not exist. So the call
    /// does not create a missing database.
    ///
    /// - Parameters:
    ///   - ids: the entries to open, such as `checked.plan.ids(offering: .database)`.
    ///   - idle: entries whose services do not run, although the opened entries are built on them. Default: none.
    ///   - checked: a project without errors.
    ///   - body: uses the opened entries. It begins when their services are ready. They stop when it has ended.
    /// - Returns: the result of `body`.
    /// - Throws: `BuildErrors` when an entry cannot be built; `SocketError` when no event loop can be made; the errors
    ///   of services and of `body`; `CancellationError` when the task is cancelled before the services are ready.
    public static func open<Result: Sendable>(
        _ ids: [EntryID], withoutServicesOf idle: [EntryID] = [], of checked: CheckedProject,
        _ body: (OpenedEntries) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(count: 1)
        let environment = RuntimeEnvironment(
            executors: LoopExecutors(loops: group), clock: LoopClock(control: group.next()), log: .silent,
            metrics: Metrics(), settings: checked.project.settings)
        let result: Swift.Result<Result, any Error>
        do {
            let plan = checked.plan
            let build = try PartialBuild(of: ids, in: plan, environment: environment)
            let needs = Dictionary(ids.map { ($0, plan.bases(of: $0).union([$0])) }) { first, _ in first }
            let needed = needs.values.reduce(into: Set()) { $0.formUnion($1) }.subtracting(idle)
            let withoutFile = needed.filter { plan[$0]?.hasFile == false }
            let entries = OpenedEntries(
                build: build, absent: Set(ids.filter { needs[$0]?.isDisjoint(with: withoutFile) == false }))
            result = .success(
                try await build.run(needed.subtracting(withoutFile).sorted()) { try await body(entries) })
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
        guard let file = (config as? any FileConfig)?.file else { return true }
        return unsafe access(file, F_OK) == 0
    }
}
