import Testing
import WippyDefinition
import WippyLog
import WippyTesting

@testable import WippyRuntime

/// A project without services, and the registry that has its plan in force.
struct RegistryFixture {
    let registry = Registry()
    let environment: RuntimeEnvironment
    private let folder: TemporaryFolder
    private let program: Program
    private let supervisor: Supervisor

    init(_ entries: String, kinds: [any ProgramPart], clock: any RuntimeClock = AdvanceableClock()) throws {
        folder = try TemporaryFolder()
        program = Program(kinds: KindCatalog(kinds))
        environment = RuntimeEnvironment(
            executors: SharedPoolExecutors(), clock: clock, log: .silent, metrics: Metrics())
        let graph = try registry.begin(try Self.plan(of: entries, in: folder, program), in: environment)
        supervisor = Supervisor(try #require(graph), environment: environment, shutdownTimeout: .seconds(10))
    }

    private static func plan(of entries: String, in folder: TemporaryFolder, _ program: Program) throws -> Plan {
        try folder.write("namespace: app\nentries:\n\(entries)", to: "src/_index.yaml")
        let checked = CheckedProject(at: folder.path, in: program)
        try checked.report.throwIfInvalid()
        return checked.plan
    }

    /// Has other entries in force, as a reload does.
    func apply(_ entries: String) async throws -> PlanChange {
        try await registry.apply(try Self.plan(of: entries, in: folder, program), in: environment, by: supervisor)
    }

    /// Runs the supervisor for as long as the body needs it.
    func run(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await supervisor.run() }
            defer { supervisor.stop() }
            try await eventually { supervisor.stage == .started }
            try await body()
        }
    }
}
