import Testing
import Wippy
import WippyTesting

/// Projects in which there is nothing to run.
@Suite("Projects that start nothing", .timeLimit(.minutes(15)))
struct IdleProjectTests {
    private func application(_ entries: String, settings: String? = nil) throws -> (TemporaryFolder, Application) {
        let folder = try TemporaryFolder()
        try folder.write(entries, to: "src/_index.yaml")
        if let settings { try folder.write("version: \"1.0\"\n\(settings)\n", to: ".wippy.yaml") }
        return (folder, Application(project: folder.path, handlers: []))
    }

    private func lines(_ entries: String, settings: String? = nil) throws -> [String] {
        let (folder, application) = try application(entries, settings: settings)
        return withExtendedLifetime(folder) { application.check().report.diagnostics.map(\.description) }
    }

    @Test("A project without entries is an error, for lint and for run")
    func noEntries() async throws {
        let sentence =
            "src: error: the project has no entries: no .yaml, .yml or .json file in this folder declares one"
        #expect(try lines("# nothing yet\n") == [sentence])
        let (folder, application) = try application("{}")
        await #expect(throws: InvalidProject.self) { try await application.run() }
        withExtendedLifetime(folder) {}
    }

    @Test("What has errors besides is not said to be empty")
    func broken() throws {
        #expect(try lines("namespace: [").count == 1)
    }

    @Test("A project whose entries are all disabled names the rule")
    func allDisabled() throws {
        let found = try lines(
            "namespace: app\nentries: [{name: a, kind: process.host}]\n", settings: "disable: {namespaces: [app]}")
        #expect(found == [".wippy.yaml:2:24: error: the project has no entries: all 1 are disabled"])
    }

    @Test("A project in which nothing starts is a warning that says why")
    func nothingStarts() throws {
        let server = "namespace: app\nentries:\n  - {name: gate, kind: http.service, addr: ':0'"
        let reason =
            "no service has 'lifecycle: {auto_start: true}'; set it for app:gate (src/_index.yaml:3:12), for example"
        #expect(try lines("\(server)}\n") == ["src: warning: nothing starts: \(reason)"])
        #expect(try lines("\(server), lifecycle: {auto_start: true}}\n").isEmpty)
        let data = "namespace: app\nentries: [{name: r, kind: registry.entry}]\n"
        #expect(try lines(data) == ["src: warning: nothing starts: none of the entries is a service"])
    }
}
