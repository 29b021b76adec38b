import EventLoops
import Glibc
package import WippyDefinition
import WippyLog
import WippyLoops
package import WippyRuntime

/// Entries of a project, opened while its application does not run.
///
/// No other services run than those of these entries and of their bases.
package struct OpenedEntries: Sendable {
    private let build: PartialBuild
    private let absent: Set<EntryID>

    /// Returns an entry's component as a contract's type; nil if the entry does not offer the contract, or if a file
    /// does not exist in which it keeps its data.
    package func offered<Offered: Sendable>(by id: EntryID, as contract: Contract<Offered>) -> Offered? {
        absent.contains(id) ? nil : build.offered(by: id, as: contract)
    }

    /// Opens entries of a project while `body` runs.
    ///
    /// - Parameters:
    ///   - ids: the entries to open.
    ///   - idle: entries whose services do not run, although the opened entries are made of them. Default: none.
    ///   - checked: a project without errors.
    /// - Throws: `BuildErrors`, `SocketError`, and the errors of services and of `body`.
    package static func open<Result: Sendable>(
        _ ids: [EntryID], withoutServicesOf idle: [EntryID] = [], of checked: CheckedProject,
        _ body: (OpenedEntries) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(count: 1)
        let environment = RuntimeEnvironment(
            executors: LoopExecutors(loops: group), clock: LoopClock(control: group.next()), log: .silent,
            metrics: Metrics())
        let result: Swift.Result<Result, any Error>
        do {
            let plan = checked.plan
            let build = try PartialBuild(of: ids, in: plan, environment: environment)
            let needs = Dictionary(uniqueKeysWithValues: ids.map { ($0, plan.bases(of: $0).union([$0])) })
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
