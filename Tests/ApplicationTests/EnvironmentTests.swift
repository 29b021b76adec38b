import Foundation
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// Variables in a running application: read by handlers, and changed by a reload.
@Suite("Settings from outside", .timeLimit(.minutes(15)))
struct EnvironmentTests {
    private static func index(_ file: String, uses: String = "{}", name: String = "app:greeting") -> String {
        """
        version: "1.0"
        namespace: app
        entries:
          - {name: file, kind: env.storage.file, file_path: "\(file)"}
          - {name: greeting, kind: env.variable, storage: app:file, variable: GREETING, default: nobody}
          - {name: key, kind: env.variable, storage: app:file, variable: KEY, secret: true}
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: api, kind: http.router, meta: {server: server}, prefix: "${env:PREFIX|/}"}
          - {name: prefix, kind: env.variable, storage: app:file, variable: PREFIX}
          - name: greet
            kind: function.swift
            handler: Greet
            uses: \(uses)
            config: {name: "\(name)", key: "${env:KEY|none}"}
          - {name: greet.get, kind: http.endpoint, meta: {router: api}, method: GET, path: /greeting, func: greet}

        """
    }

    @Test("A handler reads a variable; a reload in which the file says another gives it the new one")
    func reloadedFile() async throws {
        let folder = try TemporaryFolder()
        try folder.write("GREETING=hello\nKEY=hunter2\n", to: ".env")
        let application = try RunningApplication(Self.index(".env"), [Greet.self], in: folder)
        #expect(try await application.get("/greeting").body == "hello 7")
        try folder.write("GREETING=goodbye\nKEY=hunter23\nPREFIX=/v2\n", to: ".env")
        let reload = await application.application.reload()
        guard case .changed(let change) = reload else { throw RunningApplication.NotApplied(reload: reload) }
        #expect(change.outcome == .applied)
        // The server goes on: only what the variables have changed is new.
        #expect(change.ended.isEmpty && change.difference.changes.keys.contains { $0.name == "greet" })
        #expect(try await application.get("/v2/greeting").body == "goodbye 8")
        #expect(try await application.get("/greeting").status == 404)
        #expect(!application.log.records.contains { "\($0)".contains("hunter2") })
        try await application.stop()
    }

    @Test("A storage that cannot look a variable up gives one error, and not that the variable is missing")
    func failedLookup() throws {
        let folder = try TemporaryFolder()
        try folder.write("directories: {modules: .wippy, src: ./src}\n", to: "wippy.lock")
        try folder.write(
            """
            version: "1.0"
            namespace: app
            entries:
              - {name: vault, kind: env.storage.locked}
              - {name: key, kind: env.variable, storage: app:vault, variable: KEY}
              - {name: data, kind: registry.entry, key: "${env:app:key}"}

            """, to: "src/_index.yaml")
        let kinds: [any ProgramPart] = .standard + [LockedStorage()]
        let checked = Application(project: folder.path, handlers: [], kinds: kinds).check()
        #expect(
            checked.report.diagnostics.map(\.description) == [
                "src/_index.yaml:4:5: error: the vault is locked"
            ])
    }

    @Test("The alias of 'uses' names a variable, too, and the reload follows it")
    func alias() async throws {
        let folder = try TemporaryFolder()
        try folder.write("GREETING=hello\n", to: ".env")
        let index = Self.index(".env", uses: "{word: app:greeting}", name: "word")
        let application = try RunningApplication(index, [Greet.self], in: folder)
        #expect(try await application.get("/greeting").body == "hello 4")
        try folder.write("", to: ".env")
        await application.application.reload()
        #expect(try await application.get("/greeting").body == "nobody 4")
        try await application.stop()
    }

    @Test("What is not declared, is no variable, or has no text stops the application from being built")
    func refused() async throws {
        let cases = [
            "app:greetin": "its code names 'app:greetin', which is not declared; did you mean 'app:greeting'?",
            "app:file":
                "its code uses 'app:file' of the kind env.storage.file (src/_index.yaml:4:12), which is not a variable",
            "app:prefix":
                "the variable 'app:prefix' (src/_index.yaml:9:12) has no value; set it, or give it a 'default'",
            "word": "'uses' has no name 'word' for a variable; add it there, or use a full id",
        ]
        for (name, sentence) in cases {
            let folder = try TemporaryFolder()
            try folder.write("", to: ".env")
            try folder.write(Self.index(".env", name: name), to: "src/_index.yaml")
            let application = Application(project: folder.path, handlers: [Greet.self])
            let error = await #expect(throws: InvalidProject.self) { try await application.run() }
            let found = try #require(error).report.diagnostics.map(\.description)
            #expect(found.count == 1 && found[0].hasSuffix(": error: app:greet: \(sentence)"), "\(found)")
            #expect(application.check().report.diagnostics.map(\.description) == found)
        }
    }

    @Test("A reload in which only a handler misses a variable is invalid, as lint says")
    func missingInCodeAtReload() async throws {
        let folder = try TemporaryFolder()
        try folder.write("GREETING=hello\n", to: ".env")
        let index = Self.index(".env").replacingOccurrences(of: ", default: nobody", with: "")
        let application = try RunningApplication(index, [Greet.self], in: folder)
        #expect(try await application.get("/greeting").status == 200)
        try folder.write("", to: ".env")
        guard case .invalid(let report) = await application.application.reload() else {
            Issue.record("the reload was not invalid")
            return
        }
        #expect(report.errorCount == 1)
        #expect(report.diagnostics == application.application.check().report.diagnostics)
        #expect(try await application.get("/greeting").body.hasPrefix("hello"))
        try await application.stop()
    }

    @Test("A reload in which a variable has no value any more changes nothing")
    func missingAtReload() async throws {
        let folder = try TemporaryFolder()
        try folder.write("GREETING=hello\nNEEDED=1s\n", to: ".env")
        let more = """
              - {name: needed, kind: env.variable, storage: app:file, variable: NEEDED}
              - {name: other, kind: http.service, addr: ":0", timeouts: {idle: "${env:NEEDED}"}}

            """
        let application = try RunningApplication(Self.index(".env") + more, [Greet.self], in: folder)
        #expect(try await application.get("/greeting").status == 200)
        try folder.write("GREETING=goodbye\n", to: ".env")
        guard case .invalid(let report) = await application.application.reload() else {
            Issue.record("the reload was not refused")
            return
        }
        #expect(report.diagnostics.map(\.description).contains { $0.contains("'NEEDED' has no value") })
        #expect(try await application.get("/greeting").body.hasPrefix("hello"))
        try await application.stop()
    }

    @Test("The file of variables is among what '--watch' follows")
    func watchedFile() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "settings/.env")
        try folder.write(Self.index("settings/.env"), to: "src/_index.yaml")
        let checked = Application(project: folder.path, handlers: [Greet.self]).check()
        let watched = checked.watchedFolders
        #expect(watched.paths.contains { $0.hasSuffix("/settings") && watched.concern(".env", in: $0) })
    }
}

/// Answers with a variable, and the length of a secret.
private struct Greet: HTTPHandler {
    struct Config: EntryConfig {
        let name: String
        let key: Secret

        init(from fields: inout FieldReader) {
            name = fields.required("name", "The variable that says what to answer.")
            key = fields.required("key", "A key.")
        }
    }

    private let greeting: String

    init(_ context: HandlerContext) throws {
        let config: Config = try context.config()
        greeting = "\(try context.variable(config.name)) \(config.key.text.count)"
    }

    func handle(_ request: HTTPRequest) -> HTTPResponse { .text(greeting) }
}

/// A storage of which nothing can be read.
private struct LockedStorage: VariableStorageKind {
    static let name: KindName = "env.storage.locked"
    static let summary = "Cannot be read."

    struct Config: VariableStorageConfig {
        init(from fields: inout FieldReader) {}

        func texts(with reading: StorageReading) -> StoredTexts {
            .lookup { _ in
                reading.report(.error(at: reading.location(), "the vault is locked"))
                return nil
            }
        }
    }
}
