import Foundation
import Testing
import WippyTesting

@Suite("The command 'verify crash'", .timeLimit(.minutes(15)))
struct VerifyCommandTests {
    private func run(_ arguments: [String], in folder: TemporaryFolder) async throws -> (status: Int32, output: String)
    {
        let program = try ChildApplication("wippy-swift", in: folder, ["verify", "crash"] + arguments)
        return (try await program.exitStatus(), program.output)
    }

    private static let index = """
        namespace: app
        entries:
          - {name: db, kind: db.sql.sqlite, file: app.db, lifecycle: {auto_start: true}}
          - {name: durable, kind: queue.driver.sql, database: db, lifecycle: {auto_start: true}}
          - {name: tasks, kind: queue.queue, driver: durable}

        """

    @Test("A mistake in its options leaves no folder behind", arguments: [[], ["--post", "nonsense"]])
    func usageError(_ arguments: [String]) async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.index, to: "src/_index.yaml")
        let (status, output) = try await run(arguments, in: folder)
        #expect(status != 0, "\(output)")
        #expect(!FileManager.default.fileExists(atPath: folder.file(".wippy/verify")), "\(output)")
    }

    @Test("If no request is accepted, nothing was tested, and that is a failure")
    func nothingAccepted() async throws {
        let folder = try TemporaryFolder()
        let endpoint = """
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}

            """
        try folder.write(Self.index + endpoint, to: "src/_index.yaml")
        let (status, output) = try await run(["--post", "/tasks={}", "--kills", "6", "--seed", "1"], in: folder)
        #expect(status == 1, "\(output)")
        let line = "no request was accepted, so nothing was tested: the last answer had the status 404"
        #expect(output.contains("Error: \(line)"), "\(output)")
    }

    @Test("Queues of other drivers cannot be checked, and the error says which can")
    func otherDrivers() async throws {
        let folder = try TemporaryFolder()
        let index = """
            namespace: app
            entries:
              - {name: driver, kind: queue.driver.memory}
              - {name: tasks, kind: queue.queue, driver: driver}

            """
        try folder.write(index, to: "src/_index.yaml")
        let (status, output) = try await run([], in: folder)
        #expect(status != 0 && output.contains("only in queues whose driver is a queue.driver.sql"), "\(output)")
    }

    @Test("It follows each message from its request through the kills, and finds it in the end")
    func nothingLost() async throws {
        let folder = try TemporaryFolder()
        let rest = """
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: router, kind: http.router, meta: {server: server}}
              - {name: endpoint, kind: http.endpoint, func: accept, method: POST, path: /tasks, meta: {router: router}}
              - name: accept
                kind: function.lua
                source: |
                  local http = require("http")
                  local queue = require("queue")
                  return function()
                    local kept = queue.publish("app:tasks", {word = "hello"})
                    http.response():set_status(kept and 202 or 503)
                  end
                modules: [http, queue]
              - {name: work, kind: function.lua, source: "return function() end"}
              - {name: worker, kind: queue.consumer, queue: tasks, func: work, lifecycle: {auto_start: true}}

            """
        try folder.write(Self.index + rest, to: "src/_index.yaml")
        let (status, output) = try await run(["--post", "/tasks={}", "--kills", "8", "--seed", "3"], in: folder)
        let rows = output.split(separator: "\n").map { $0.split(separator: " ") }
        func count(_ name: String) -> Int? {
            rows.first { $0.dropLast().joined(separator: " ") == name }?.last.flatMap { Int($0) }
        }
        #expect(status == 0 && count("lost") == 0 && count("still there") == 0, "\(output)")
        #expect((count("accepted") ?? 0) > 0 && (count("processed once") ?? 0) > 0, "\(output)")
    }

    @Test("A server that does not listen is an error")
    func idleServer() async throws {
        let folder = try TemporaryFolder()
        let servers = """
              - {name: idle, kind: http.service, addr: "127.0.0.1:0"}
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}

            """
        try folder.write(Self.index + servers, to: "src/_index.yaml")
        let (status, output) = try await run(["--post", "/tasks={}", "--kills", "2"], in: folder)
        #expect(status == 1 && output.contains("the server 'app:idle' does not listen"), "\(output)")
    }

    @Test("If its folder cannot be made, the error names that folder")
    func noFolder() async throws {
        let folder = try TemporaryFolder()
        let endpoint = """
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}

            """
        try folder.write(Self.index + endpoint, to: "src/_index.yaml")
        try folder.write("", to: ".wippy/verify")
        let (status, output) = try await run(["--post", "/tasks={}"], in: folder)
        #expect(status == 1 && output.contains(".wippy/verify/"), "\(output)")
        try FileManager.default.removeItem(atPath: folder.file(".wippy"))
        try folder.write("", to: ".wippy")
        let (_, other) = try await run(["--post", "/tasks={}"], in: folder)
        #expect(other.contains("'.wippy/verify'"), "\(other)")
    }

    @Test(
        "Without a path and a body it needs an endpoint to which it can post an example",
        arguments: [
            ("/api", "method: POST, path: /tasks, meta: {router: router, example: {word: hello}}", true),
            ("/api", "method: POST, path: /tasks, meta: {router: router}", false),
            ("/api", "method: POST, path: '/tasks/{id}', meta: {router: router, example: {word: hello}}", false),
            ("/{tenant}", "method: POST, path: /tasks, meta: {router: router, example: {word: hello}}", false),
            ("/api", "method: GET, path: /tasks, meta: {router: router, example: {word: hello}}", false),
        ])
    func examples(prefix: String, endpoint: String, isPosted: Bool) async throws {
        let folder = try TemporaryFolder()
        let rest = """
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: router, kind: http.router, meta: {server: server}, prefix: "\(prefix)"}
              - {name: endpoint, kind: http.endpoint, func: accept, \(endpoint)}
              - {name: accept, kind: function.lua, source: "return function() end"}

            """
        try folder.write(Self.index + rest, to: "src/_index.yaml")
        let (_, output) = try await run(["--kills", "1"], in: folder)
        #expect(output.contains("kill 1 of 1") == isPosted, "\(output)")
        #expect(output.contains("no POST endpoint has a body in 'meta.example'") != isPosted, "\(output)")
    }
}
