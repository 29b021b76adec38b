import Testing
import Wippy
import WippyLog
import WippyTesting

/// A plan that the command line refuses, since it does not have the command to run.
@Suite("A plan that is refused", .timeLimit(.minutes(15)))
struct RefusedPlanTests {
    private struct Refused: Error {}

    @Test("It ends the run before anything starts")
    func startsNothing() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "namespace: app\nentries:\n  - {name: server, kind: http.service, addr: '127.0.0.1:0'}\n",
            to: "src/_index.yaml")
        let log = LogRecorder()
        var application = Application(project: folder.path, handlers: [], log: Log(to: log))
        application.instruments.accepts = { plan in
            #expect(plan.entries.map(\.id.description) == ["app:server"])
            throw Refused()
        }
        await #expect(throws: Refused.self) { try await application.run() }
        #expect(log.records.isEmpty)
    }
}
