import Foundation
import Testing
import Wippy
import WippyLog
import WippyTestClient
import WippyTesting

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

    @Test("A burst of saves is one reload; what is no definition file is none")
    func burst() async throws {
        try await withApplication { application in
            let folder = application.folder
            for number in 1...50 { try folder.write(Self.route("r\(number)"), to: "src/r\(number).yaml") }
            try await expect("r50", 200, application)
            // One, unless the machine takes longer for two saves than the watch waits for the next.
            let first = reloads(application).count
            #expect(first < 10)
            try folder.write("x", to: "tasks.db")
            try folder.write("x", to: "src/tasks.db-wal")
            try folder.write("x", to: "src/Handler.swift")
            try folder.write(Self.route("last"), to: "src/last.yaml")
            try await expect("last", 200, application)
            #expect(reloads(application).count <= first + 2)
        }
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
        try await eventually("it reloads") { child.output.contains("the project is reloaded version=2") }
        #expect(folder.exists("tasks.db"))
        child.signal(SIGTERM)
        #expect(try await child.exitStatus() == 0)
    }
}

extension TemporaryFolder {
    fileprivate func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
}
