import Foundation
import SQLiteGroups
import Testing
import WippyRunningApplication
import WippyTestClient
import WippyTesting
import WippyValues

/// The application of this repository as its user runs it: a process, sockets, a file, signals.
@Suite("The Task Queue", .timeLimit(.minutes(15)))
struct TaskQueueTests {
    private let options = ["run", "-o", "app:gateway:addr=127.0.0.1:0", "-o", "app:process_task:config.delay=1ms"]

    private func count(_ port: Int, _ query: String = "") async throws -> Int? {
        let answer = try await HTTPClient.send("GET", "/tasks\(query)", to: port)
        guard answer.status == 200 else { return nil }
        let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        #expect((object?["tasks"] as? [Any])?.count == object?["count"] as? Int)
        return object?["count"] as? Int
    }

    @Test("Tasks are accepted, processed, listed and kept over a restart")
    func lifeOfATask() async throws {
        let folder = try ChildApplication.project()
        let first = try ChildApplication(in: folder, options)
        let port = try await first.port()
        #expect(try await count(port) == 0)
        for _ in 0..<20 {
            let answer = try await HTTPClient.send(
                "POST", "/tasks", to: port, body: #"{"action":"uppercase","data":{"text":"é"}}"#)
            #expect(answer.status == 202 && answer.body.contains(#""status":"queued""#))
            #expect(answer.field("Content-Type") == "application/json")
        }
        first.signal(SIGTERM)
        #expect(try await first.exitStatus() == 0)

        let database = try await SQLiteDatabase.open(SQLiteSettings(path: folder.path + "/data/tasks.db"))
        let rows = try await database.query("SELECT result FROM tasks")
        #expect(rows.count == 20 && rows.allSatisfy { $0[0] == .text(#"{"output":"É"}"#) })
        await database.close()

        let second = try ChildApplication(in: folder, options)
        #expect(try await count(try await second.port()) == 20)
        #expect(try await count(try await second.port(), "?status=pending") == 0)
        second.signal(SIGINT)
        #expect(try await second.exitStatus() == 0)
    }

    @Test("An edited topology is served: another path, one worker, a second consumer")
    func editedTopology() async throws {
        let folder = try ChildApplication.project { index in
            index.replacingOccurrences(of: "path: /tasks", with: "path: /jobs")
                .replacingOccurrences(of: "concurrency: 2", with: "concurrency: 1")
                    + """

                      - name: second_consumer
                        kind: queue.consumer
                        queue: tasks_queue
                        func: process_task
                        lifecycle: {auto_start: true}

                    """
        }
        let application = try ChildApplication(in: folder, options)
        let port = try await application.port()
        #expect(try await HTTPClient.send("GET", "/tasks", to: port).status == 404)
        #expect(try await HTTPClient.send("POST", "/jobs", to: port, body: #"{"action":"x"}"#).status == 202)
        try await eventually("the task is processed") {
            try await HTTPClient.send("GET", "/jobs", to: port).body.contains("processed")
        }
        application.signal(SIGTERM)
        #expect(try await application.exitStatus() == 0)
    }

    @Test(
        "A repeated SIGTERM changes nothing; a SIGINT ends the program at once with status 1, once it cannot be the same"
    )
    func repeatedSignals() async throws {
        let application = try ChildApplication(
            in: try ChildApplication.project(),
            ["run", "-o", "app:gateway:addr=127.0.0.1:0", "-o", "app:process_task:config.delay=1h"])
        let port = try await application.port()
        #expect(try await HTTPClient.send("POST", "/tasks", to: port, body: #"{"action":"x"}"#).status == 202)
        application.signal(SIGTERM)
        try await eventually("the signal is heard") { application.output.contains("received a signal") }
        for _ in 0..<3 { application.signal(SIGTERM) }
        // Those of the first half second are taken for the same wish.
        try await eventually("the program has ended") {
            application.signal(SIGINT)
            return !application.isRunning
        }
        #expect(try await application.exitStatus() == 1)
        #expect(application.output.contains("a second SIGINT"))
    }

    @Test("SIGHUP reads the project again: a changed route is in force, and a broken edit changes nothing")
    func hangUp() async throws {
        let folder = try ChildApplication.project()
        let application = try ChildApplication(in: folder, options)
        let port = try await application.port()
        let index = try String(contentsOfFile: "\(folder.path)/src/_index.yaml", encoding: .utf8)
        func edit(_ text: String, _ line: String) async throws {
            try folder.write(text, to: "src/_index.yaml")
            application.signal(SIGHUP)
            try await eventually("the edit is heard") { application.output.contains(line) }
        }
        try await edit(index.replacingOccurrences(of: "path: /tasks", with: "path: /jobs"), "the project was reloaded")
        #expect(try await HTTPClient.send("GET", "/jobs", to: port).status == 200)
        #expect(try await HTTPClient.send("GET", "/tasks", to: port).status == 404)
        try await edit("namespace: app\nentries: [{name: x, kind: http.servce}]\n", "did you mean 'http.service'?")
        #expect(try await HTTPClient.send("GET", "/jobs", to: port).status == 200)
        application.signal(SIGTERM)
        #expect(try await application.exitStatus() == 0)
    }

    @Test("A port that is taken ends the program with status 1 and a sentence that names the entry")
    func takenPort() async throws {
        let first = try ChildApplication(in: try ChildApplication.project(), options)
        let port = try await first.port()
        let second = try ChildApplication(
            in: try ChildApplication.project(), ["run", "-o", "app:gateway:addr=127.0.0.1:\(port)"])
        #expect(try await second.exitStatus() == 1)
        #expect(second.output.contains("app:gateway") && second.output.contains("cannot listen on 127.0.0.1:\(port)"))
        first.signal(SIGTERM)
        #expect(try await first.exitStatus() == 0)
    }

    @Test("A database that cannot be opened ends the program with status 1 and a sentence that names the entry")
    func unusableDatabase() async throws {
        let folder = try ChildApplication.project()
        let application = try ChildApplication(in: folder, options + ["-o", "app:db:file=\(folder.path)"])
        #expect(try await application.exitStatus() == 1)
        #expect(application.output.contains("app:db"))
    }

    @Test("A mistake is answered with its place by lint and by run, which exit with 1")
    func mistake() async throws {
        let folder = try ChildApplication.project {
            $0.replacingOccurrences(of: "kind: queue.consumer", with: "kind: queue.consumr")
        }
        for arguments in [["lint"], ["run"], ["lint", "--json"]] {
            let program = try ChildApplication(in: folder, arguments)
            #expect(try await program.exitStatus() == 1)
            #expect(program.output.contains("src/_index.yaml"), "\(program.output)")
            #expect(program.output.contains("no kind 'queue.consumr'; did you mean 'queue.consumer'?"))
        }
    }

    @Test("What only building shows is found by lint as by run: all of it, each with its place, and nothing is made")
    func foundByBuilding() async throws {
        let folder = try ChildApplication.project {
            $0.replacingOccurrences(of: "tasks: app:tasks_queue", with: "task: app:tasks_queue")
                .replacingOccurrences(of: "uses:\n      db: app:db", with: "uses:\n      db: app:queue_driver")
        }
        let database = "error: app:store_failure: its code uses 'app:queue_driver' of the kind queue.driver.memory"
        for arguments in [["lint"], ["run"]] {
            let program = try ChildApplication(in: folder, arguments)
            #expect(try await program.exitStatus() == 1, "\(arguments)")
            let lines = program.output.split(separator: "\n")
            #expect(lines.count == 6 && lines.last == "17 entries, 5 errors", "\(program.output)")
            #expect(lines.dropLast().allSatisfy { $0.hasPrefix("src/_index.yaml:") }, "\(program.output)")
            #expect(program.output.contains("'uses' has no name 'tasks' for a queue; did you mean 'task'?"))
            let place = lines.first { $0.contains(database) }?.split(separator: ":").dropFirst().prefix(2)
            #expect(place == ["91", "11"], "\(program.output)")
        }
        let json = try ChildApplication(in: folder, ["lint", "--json"])
        #expect(try await json.exitStatus() == 1)
        #expect(json.output.contains("\"entry\":\"app:create_task\"") && json.output.contains("\"errors\":5"))
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/data"))
    }

    @Test("Warnings count under --strict, and unknown fields are warnings under --lenient")
    func strictAndLenient() async throws {
        let folder = try ChildApplication.project { $0 + "    whatever_this_is: 1\n" }
        for (arguments, status) in [
            (["lint"], 1), (["lint", "--lenient"], 0), (["lint", "--lenient", "--strict"], 1),
        ] {
            let program = try ChildApplication(in: folder, arguments)
            #expect(try await program.exitStatus() == Int32(status), "\(arguments)")
        }
    }

    @Test("A start says what listens where, what consumes what, and how long each took")
    func overview() async throws {
        let application = try ChildApplication(in: try ChildApplication.project(), options)
        let port = try await application.port()
        try await eventually("it has started") { application.output.contains("app:gateway:          listens") }
        let lines = application.output.split(separator: "\n").drop { !$0.contains(" started took=") }.dropFirst()
        let shown = lines.map { line in
            line.split(separator: " ", omittingEmptySubsequences: false).dropFirst(2).joined(separator: " ")
                .replacing(/took=[0-9a-zµ.]+ */, with: "took ")
        }
        #expect(
            shown.suffix(4) == [
                "    app:migrate-service:  has finished took process=app:migrate",
                "    app:failure_consumer: consumes     took queue=app:failed_tasks  workers=1",
                "    app:task_consumer:    consumes     took queue=app:tasks_queue   workers=2",
                "    app:gateway:          listens      took address=127.0.0.1:\(port)",
            ])
        application.signal(SIGTERM)
        #expect(try await application.exitStatus() == 0)
    }

    @Test("lint says how many entries it has checked")
    func entryCount() async throws {
        for (change, line) in [("", "17 entries, no problems\n"), ("    adr: 1\n", "17 entries, 1 error\n")] {
            let program = try ChildApplication(in: try ChildApplication.project { $0 + change }, ["lint"])
            _ = try await program.exitStatus()
            #expect(program.output.hasSuffix(line), "\(program.output)")
        }
    }

    @Test("init writes a lock file, and updates one that is there")
    func initialisation() async throws {
        let folder = try TemporaryFolder()
        let first = try ChildApplication("wippy-swift", in: folder, ["init"])
        #expect(try await first.exitStatus() == 0)
        #expect(try folder.text(of: "wippy.lock") == "directories:\n    modules: .wippy\n    src: ./src\n")
        let second = try ChildApplication("wippy-swift", in: folder, ["init", "--src-dir", "./app"])
        #expect(try await second.exitStatus() == 0)
        #expect(second.output.contains("updated wippy.lock"))
        #expect(try folder.text(of: "wippy.lock").contains("src: ./app"))
    }

    @Test("After init, run has a source folder, and says that nothing is in it; what init says to write can be run")
    func emptyProject() async throws {
        let folder = try TemporaryFolder()
        let initialization = try ChildApplication("wippy-swift", in: folder, ["init"])
        #expect(try await initialization.exitStatus() == 0)
        let empty = try ChildApplication("wippy-swift", in: folder, ["run"])
        #expect(try await empty.exitStatus() == 1)
        #expect(empty.output.contains("src: error: the project has no entries"))
        let lines = initialization.output.split(separator: "\n")
        #expect(lines.contains { $0.contains("./src/_index.yaml") })
        let example = lines.filter { $0.hasPrefix("    ") }.map { $0.dropFirst(4) + "\n" }.joined()
        try folder.write(example, to: "src/_index.yaml")
        let filled = try ChildApplication("wippy-swift", in: folder, ["lint", "--strict"])
        #expect(try await filled.exitStatus() == 0, "\(filled.output)")
        let again = try ChildApplication("wippy-swift", in: folder, ["init"])
        #expect(try await again.exitStatus() == 0)
        #expect(again.output == "updated wippy.lock: the sources are in ./src\n")
    }

    @Test("A source folder that cannot be meant is refused", arguments: ["", " ", "~/x", "File:x", "a\nb", "${env:X}"])
    func oddSources(name: String) async throws {
        let folder = try TemporaryFolder()
        let program = try ChildApplication("wippy-swift", in: folder, ["init", "-d", name])
        #expect(try await program.exitStatus() == 1)
        #expect(program.output.contains("'--src-dir'"))
        #expect(throws: (any Error).self) { try folder.text(of: "wippy.lock") }
    }

    @Test(
        "What init refuses leaves nothing behind",
        arguments: [
            ["-d", "wippy.lock"], ["-d", "./wippy.lock/x"], ["--modules-dir", "wippy.lock"],
            ["-d", "new/a", "-l", "b/"],
            ["-d", "new/\(String(repeating: "x", count: 300))"],
        ])
    func refusedInitialization(arguments: [String]) async throws {
        let folder = try TemporaryFolder()
        let program = try ChildApplication("wippy-swift", in: folder, ["init"] + arguments)
        #expect(try await program.exitStatus() == 1)
        #expect(program.output.contains("error: the "), "\(program.output)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.allSatisfy { $0.hasPrefix("log-") }, "\(names)")
    }

    @Test(
        "A configuration file that cannot be meant is refused",
        arguments: [
            ("", "needs a path"), ("~/x.yaml", "'~' does not stand for a home folder"), ("file:c.yaml", "not a URI"),
        ])
    func oddConfiguration(name: String, words: String) async throws {
        let folder = try TemporaryFolder()
        for command in ["run", "lint"] {
            let program = try ChildApplication("wippy-swift", in: folder, [command, "--config", name])
            #expect(try await program.exitStatus() == 1)
            #expect(program.output.contains("'--config'") && program.output.contains(words), "\(program.output)")
        }
    }

    @Test("The help of run and lint says how lists and maps are written")
    func overrideHelp() async throws {
        let folder = try TemporaryFolder()
        for command in ["run", "lint"] {
            let program = try ChildApplication("wippy-swift", in: folder, [command, "--help"])
            #expect(try await program.exitStatus() == 0)
            #expect(program.output.contains("[a, b]") && program.output.contains("{a: b}"))
        }
    }

    @Test("A mistyped command or option is answered with the nearest one")
    func mistypedArguments() async throws {
        let folder = try TemporaryFolder()
        for (arguments, help) in [(["rnu"], "'run'"), (["run", "--overide=x"], "'--override'"), (["run"], "init")] {
            let program = try ChildApplication("wippy-swift", in: folder, arguments)
            #expect(try await program.exitStatus() == 1)
            #expect(program.output.contains(help), "\(program.output)")
        }
    }
}
