import Foundation
import Testing
import Wippy
import WippyLog
import WippyRunningApplication
import WippyTestClient
import WippyTesting

@testable import WippyApplication

/// `run --watch`: saving a file of the project is enough.
struct WatchTests {
    /// A server whose route `path` answers; each further route is an entry of a file of its own.
    private static let server = """
        version: "1.0"
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: app:server}}
          - {name: answer, kind: function.swift, handler: Answer}
          - {name: first, kind: http.endpoint, meta: {router: app:router}, method: GET, path: /first, func: app:answer}
        """

    private static func route(_ path: String) -> String {
        """
        version: "1.0"
        namespace: app.\(path)
        entries:
          - {name: route, kind: http.endpoint, meta: {router: app:router}, method: GET, path: /\(path), func: app:answer}
        """
    }

    private struct Answer: HTTPHandler {
        init(_ context: HandlerContext) {}

        func handle(_ request: HTTPRequest) async throws -> HTTPResponse { .text("answer") }
    }

    private func withApplication(
        prepare: (TemporaryFolder) throws -> Void = { _ in }, _ body: (RunningApplication) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        try prepare(folder)
        var settings = Application.Settings()
        settings.watchesFiles = true
        let application = try RunningApplication(Self.server, [Answer.self], settings: settings, in: folder)
        #expect(try await application.get("/first").status == 200)
        try await body(application)
        try await application.stop()
    }

    /// Waits until a path answers with a status.
    private func expect(_ path: String, _ status: Int, _ application: RunningApplication) async throws {
        try await eventually("\(path) answers \(status)") { try await application.get("/\(path)").status == status }
    }

    private func reloads(_ application: RunningApplication) -> [String] {
        application.messages.filter { $0.hasPrefix("the project is") || $0.hasPrefix("the project was") }
    }

    @Test("A file that is saved, in place or by renaming, is in force; so are one that comes and one that goes")
    func saving() async throws {
        try await withApplication { application in
            let folder = application.folder
            try folder.write(Self.server.replacingOccurrences(of: "/first", with: "/saved"), to: "src/_index.yaml")
            try await expect("saved", 200, application)
            try folder.write(
                Self.server.replacingOccurrences(of: "/first", with: "/renamed"), to: "src/.index.yaml.swp")
            #expect(rename(folder.file("src/.index.yaml.swp"), folder.file("src/_index.yaml")) == 0)
            try await expect("renamed", 200, application)
            try folder.write(Self.route("new"), to: "src/new.yaml")
            try await expect("new", 200, application)
            try FileManager.default.removeItem(atPath: folder.file("src/new.yaml"))
            try await expect("new", 404, application)
        }
    }

    @Test("New folders are followed, and folders that go and come back, the source folder itself, too")
    func folders() async throws {
        try await withApplication { application in
            let folder = application.folder
            try folder.write(Self.route("one"), to: "src/a/b/one.yaml")
            try await expect("one", 200, application)
            try folder.write(Self.route("two"), to: "src/a/b/two.yaml")
            try await expect("two", 200, application)
            try FileManager.default.moveItem(atPath: folder.file("src"), toPath: folder.file("away"))
            try await eventually("the edit is refused") { self.reloads(application).last?.contains("errors") == true }
            #expect(try await application.get("/one").status == 200)
            try folder.write(Self.server, to: "src/_index.yaml")
            try await expect("one", 404, application)
            try folder.write(Self.route("three"), to: "src/three.yaml")
            try await expect("three", 200, application)
        }
    }

    @Test("A folder of files that are links is exchanged as a ConfigMap is: by a link that is renamed over another")
    func swappedLinks() async throws {
        try await withApplication { folder in
            try folder.write(Self.route("one"), to: "src/config/..2025_01/route.yaml")
            try folder.link("src/config/..data", to: "..2025_01")
            try folder.link("src/config/route.yaml", to: "..data/route.yaml")
        } _: { application in
            try await expect("one", 200, application)
            for path in ["two", "three"] {
                let folder = application.folder
                try folder.write(Self.route(path), to: "src/config/..\(path)/route.yaml")
                try folder.link("src/config/..data_tmp", to: "..\(path)")
                #expect(rename(folder.file("src/config/..data_tmp"), folder.file("src/config/..data")) == 0)
                try await expect(path, 200, application)
            }
        }
    }

    @Test("A source folder that is a link outside of the project is followed to where it leads")
    func linkedFolder() async throws {
        let outside = try TemporaryFolder()
        try outside.write(Self.route("one"), to: "v1/route.yaml")
        try await withApplication { folder in
            try folder.link("src/linked", to: outside.file("v1"))
        } _: { application in
            try outside.write(Self.route("two"), to: "v1/route.yaml")
            try await expect("two", 200, application)
            try outside.write(Self.route("three"), to: "v2/route.yaml")
            try application.folder.link("next", to: outside.file("v2"))
            #expect(rename(application.folder.file("next"), application.folder.file("src/linked")) == 0)
            try await expect("three", 200, application)
        }
    }

    @Test("A broken edit changes nothing, and its repair is in force")
    func brokenEdit() async throws {
        try await withApplication { application in
            try application.folder.write("version: [", to: "src/broken.yaml")
            try await eventually("it is refused") { self.reloads(application).last?.contains("errors") == true }
            #expect(try await application.get("/first").status == 200)
            try application.folder.write(Self.route("broken"), to: "src/broken.yaml")
            try await expect("broken", 200, application)
        }
    }

    @Test("All files of a burst of saves are in force")
    func burst() async throws {
        try await withApplication { application in
            let paths = (1...50).map { "r\($0)" }
            for path in paths { try application.folder.write(Self.route(path), to: "src/\(path).yaml") }
            for path in paths { try await expect(path, 200, application) }
        }
    }

    @Test(
        "Saves that follow each other closely are one reload, and within a second there is one",
        arguments: [
            (saves: 1, apart: 10, reloads: [100]), (50, 10, [590]), (50, 99, [1000, 2089, 3178, 4267, 4951]),
            (3, 100, [100, 200, 300]),
        ])
    func burstsByTheClock(saves: Int, apart: Int, reloads: [Int]) {
        var burst = SaveBurst()
        var (found, due) = ([Int](), Int.max)
        for save in 0..<saves {
            let now = save * apart
            if due <= now {
                found.append(due)
                burst.end()
            }
            due = now + Int(burst.save(at: .milliseconds(now)) / .milliseconds(1))
        }
        #expect(found + [due] == reloads)
    }

    @Test("What is no definition file, and nothing that the project names, is no reason to reload")
    func otherFilesOfTheFolders() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.server, to: "src/_index.yaml")
        let folders = Application(project: folder.path, handlers: [Answer.self]).check().watchedFolders
        let source = try #require(folders.paths.last)
        let project = String(source.dropLast("/src".count))
        #expect(source.hasSuffix("/src"))
        for name in ["tasks.db-wal", "Handler.swift", ".index.yaml.swp"] { #expect(!folders.concern(name, in: source)) }
        for name in ["tasks.db", "last.yaml"] { #expect(!folders.concern(name, in: project)) }
        for name in ["last.yaml", "_index.yaml"] { #expect(folders.concern(name, in: source)) }
        for name in ["wippy.lock", ".wippy.yaml", "src"] { #expect(folders.concern(name, in: project)) }
    }

    @Test("The lock file, the settings and the texts of file:// are watched, absent ones, too")
    func otherFiles() async throws {
        try await withApplication { application in
            let folder = application.folder
            try folder.write("version: \"1.0\"\ndisable:\n  entries: [\"app:first\"]\n", to: ".wippy.yaml")
            try await expect("first", 404, application)
            try folder.write(Self.server, to: "other/_index.yaml")
            try folder.write("directories: {src: other}\n", to: "wippy.lock")
            try FileManager.default.removeItem(atPath: folder.file(".wippy.yaml"))
            try await expect("first", 200, application)
            let route = Self.route("text").replacingOccurrences(of: "path: /text", with: "path: file://path.txt")
            try folder.write(route, to: "other/route.yaml")
            try await eventually("it is refused") { self.reloads(application).last?.contains("errors") == true }
            try folder.write("/text", to: "other/path.txt")
            try await expect("text", 200, application)
            try folder.write("/other", to: "other/path.txt")
            try await expect("other", 200, application)
        }
    }

    @Test("`run --watch` reloads on a save, with -o in force, and stops as ever")
    func command() async throws {
        let folder = try ChildApplication.project()
        let child = try ChildApplication(
            in: folder, ["run", "--watch", "-o", "app:gateway:addr=127.0.0.1:0", "-o", "app:db:file=tasks.db"])
        _ = try await child.port()
        let index = try folder.text(of: "src/_index.yaml")
        try folder.write(
            index.replacingOccurrences(of: "concurrency: 2", with: "concurrency: 3"), to: "src/_index.yaml")
        try await eventually("it reloads") { child.output.contains("the project was reloaded version=2") }
        #expect(folder.exists("tasks.db"))
        child.signal(SIGTERM)
        #expect(try await child.exitStatus() == 0)
    }

    @Test("Another file has the migration run on it; nothing else runs it again")
    func otherFile() async throws {
        let folder = try ChildApplication.project()
        let application = try ChildApplication(
            in: folder, ["run", "--watch", "-o", "app:gateway:addr=127.0.0.1:0"])
        let port = try await application.port()
        func tasks() async throws -> (status: Int, body: String) {
            let answer = try await HTTPClient.send("GET", "/tasks", to: port)
            return (answer.status, answer.body)
        }
        func migrations() -> Int { application.output.components(separatedBy: "migration complete").count - 1 }
        func save(_ old: String, as new: String, version: Int) async throws {
            let index = try folder.text(of: "src/_index.yaml")
            try folder.write(index.replacingOccurrences(of: old, with: new), to: "src/_index.yaml")
            try await eventually("it is reloaded") {
                application.output.contains("the project was reloaded version=\(version)")
            }
        }
        let accepted = try await HTTPClient.send("POST", "/tasks", to: port, body: #"{"action":"x"}"#)
        #expect(accepted.status == 202)
        try await eventually("it is stored") { try await tasks().body.contains("\"count\":1") }
        try await save("concurrency: 2", as: "concurrency: 3", version: 2)
        #expect(migrations() == 1)
        try await save("./data/tasks.db", as: "./data/other.db", version: 3)
        let answer = try await tasks()
        #expect(answer.status == 200 && answer.body.contains("\"count\":0"))
        #expect(migrations() == 2)
        application.signal(SIGTERM)
        #expect(try await application.exitStatus() == 0)
    }
}

extension TemporaryFolder {
    fileprivate func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
}
