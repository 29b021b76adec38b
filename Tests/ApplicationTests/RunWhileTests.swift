import Testing
import Wippy
import WippyTesting

/// `run { … }`: an application for as long as a closure of the program around it.
@Suite("An application that runs while a closure does", .timeLimit(.minutes(15)))
struct RunWhileTests {
    private struct Mine: Error {}

    private func application(_ log: LogRecorder, in folder: TemporaryFolder, addr: String = "127.0.0.1:0") throws
        -> Application
    {
        try folder.write(
            """
            namespace: app
            entries: [{name: server, kind: http.service, addr: "\(addr)", lifecycle: {auto_start: true}}]
            """, to: "src/_index.yaml")
        return Application(project: folder.path, handlers: HandlerTable(), log: Log(to: log))
    }

    @Test("The closure begins when all is ready, and the application has stopped when it has ended")
    func whole() async throws {
        let (log, folder) = (LogRecorder(), try TemporaryFolder())
        let application = try application(log, in: folder)
        let id = EntryID(namespace: "app", name: "server")
        let server = try await application.run {
            let server = try #require(application.registry.link(to: id, as: .httpServer)?.target)
            #expect(server.listeningAddress.map { $0.port > 0 } == true)
            return server
        }
        #expect(server.listeningAddress == nil && log.messages.last == "stopped")
    }

    @Test("What the closure throws is thrown after the stop")
    func failingClosure() async throws {
        let (log, folder) = (LogRecorder(), try TemporaryFolder())
        let application = try application(log, in: folder)
        await #expect(throws: Mine.self) { try await application.run { throw Mine() } }
        #expect(log.messages.last == "stopped")
    }

    @Test("What cannot start is thrown, and the closure does not begin")
    func failingStart() async throws {
        let (log, folder) = (LogRecorder(), try TemporaryFolder())
        let application = try application(log, in: folder, addr: "203.0.113.7:1")
        await #expect(throws: RequiredServiceFailure.self) {
            try await application.run { Issue.record("it does not begin") }
        }
    }
}
