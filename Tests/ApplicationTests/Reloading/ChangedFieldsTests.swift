import EventLoops
import Testing
import Wippy
import WippyLog
import WippyLoops
import WippyTesting

@testable import WippyRuntime

/// What the page of each kind says about the changes that a reload makes in place: by the marks of the fields, or by
/// the fields that a driver names.
@Suite("The fields that change in place", .timeLimit(.minutes(15)))
struct ChangedFieldsTests {
    private static let manual = KindCatalog(.standard).manual

    /// An entry of each standard kind, and the others that it can name instead.
    ///
    /// A kind that reads an entry without fields needs no sample.
    static let index = samples + bareEntries

    /// An entry of each kind that needs fields, and the others that it can name instead.
    private static let samples = """
        version: "1.0"
        namespace: app
        entries:
          - {name: db, kind: db.sql.sqlite, file: a.db}
          - {name: other_db, kind: db.sql.sqlite, file: other.db}
          - {name: file, kind: env.storage.file, file_path: a.env}
          - {name: texts, kind: env.storage.static, values: {A: a}}
          - {name: other_texts, kind: env.storage.static, values: {}}
          - {name: storages, kind: env.storage.router, storages: [texts]}
          - {name: variable, kind: env.variable, storage: other_texts, default: a}
          - name: lua
            kind: function.lua
            meta: {options: {retry: {max_attempts: 3}}}
            source: "return function() end"
          - {name: library, kind: library.lua, source: "return {}"}
          - {name: other_library, kind: library.lua, source: "return {}"}
          - name: lua_process
            kind: process.lua
            meta: {command: {name: a}}
            source: "return function() end"
          - {name: swift, kind: function.swift, handler: Answer, config: {word: a}}
          - {name: other_swift, kind: function.swift, handler: Answer, config: {word: b}}
          - {name: handle, kind: function.swift, handler: Handle, config: {word: a}}
          - {name: other_handle, kind: function.swift, handler: Handle, config: {word: b}}
          - name: process
            kind: process.swift
            meta: {command: {name: b}}
            handler: Work
            config: {word: a}
          - {name: other_process, kind: process.swift, handler: Work, config: {word: b}}
          - {name: server, kind: http.service, addr: "127.0.0.1:0"}
          - {name: other_server, kind: http.service, addr: "127.0.0.1:0"}
          - name: router
            kind: http.router
            meta: {server: server}
            middleware: [cors]
            options: {cors.allow.origins: "https://b.example"}
            post_middleware: [cors]
            post_options: {cors.allow.origins: "https://b.example"}
          - {name: other_router, kind: http.router, meta: {server: server}, prefix: /other}
          - {name: endpoint, kind: http.endpoint, meta: {router: router}, method: GET, path: /a, func: swift}
          - {name: host, kind: process.host}
          - {name: other_host, kind: process.host}
          - {name: service, kind: process.service, meta: {command: {name: c}}, process: process, host: host}
          - {name: memory, kind: queue.driver.memory}
          - {name: other_memory, kind: queue.driver.memory}
          - {name: stored, kind: queue.driver.sql, database: db}
          - {name: other_stored, kind: queue.driver.sql, database: db}
          - {name: queue, kind: queue.queue, driver: memory}
          - {name: stored_queue, kind: queue.queue, driver: stored}
          - {name: other_queue, kind: queue.queue, driver: memory}
          - {name: consumer, kind: queue.consumer, queue: queue, func: handle}
          - {name: clocked, kind: queue.schedule, queue: queue, cron: "@daily"}
          - {name: periodic, kind: queue.schedule, queue: queue, every: 1h}
          - {name: policy, kind: security.policy, policy: {actions: a, resources: a, effect: allow}}

        """

    /// An entry without fields of each other kind that accepts such an entry.
    private static let bareEntries = {
        let words = Set(samples.split { $0.isWhitespace || ",{}".contains($0) }.map(String.init))
        let entries = manual.map(\.name).filter { !words.contains($0) }.map { kind in
            "  - {name: \(kind.replacing(".", with: "_")), kind: \(kind)}\n"
        }
        return entries.filter(isValid).joined()
    }()

    private static func isValid(_ entry: String) -> Bool {
        guard let folder = try? TemporaryFolder() else { return false }
        try? folder.write("namespace: app\nentries:\n\(entry)", to: "src/_index.yaml")
        return Application(project: folder.path, handlers: handlers).read().report.isValid
    }

    /// Returns the entries of a kind in a plan of the ``index``.
    ///
    /// - Throws: if there are none, a sentence that says what to add.
    static func entries(of kind: String, in plan: Plan) throws -> [PlannedEntry] {
        let entries = plan.entries.filter { "\($0.kind)" == kind && !$0.id.name.hasPrefix("other_") }
        return try #require(
            entries.isEmpty ? nil : entries,
            "add an entry of the kind '\(kind)' to the samples of ChangedFieldsTests, because it needs some fields")
    }

    /// Other values for fields, where the form of the field does not give one: `entry field`, or `entry` with every
    /// field of that name.
    private static let values = [
        "db file": "b.db", "db options.max_page_count": "20",
        "file file_path": "b.env",
        "storages storages": "[app:other_texts]",
        "variable storage": "app:texts", "variable variable": "B", "variable default": "b",
        "source": "return function() return 1 end", "modules": "[json]", "imports": "{words: app:other_library}",
        "lua method": "other", "lua_process method": "other", "security.actor.id": "a",
        "security.actor.meta": "{a: 1}", "security.policies": "[app:policy]", "security.groups": "[app:group]",
        "uses": "{db: app:db}", "meta.options.retry.retry_kinds": "[Conflict]",
        "meta.options.retry.skip_kinds": "[Conflict]",
        "swift handler": "OtherAnswer", "handle handler": "OtherHandle", "process handler": "OtherWork",
        "server addr": "127.0.0.1:1", "health.live": "/live", "health.ready": "/ready",
        "router meta.server": "app:other_server", "router prefix": "/a",
        "router middleware": "[]", "router post_middleware": "[]",
        "router options.cors.allow.origins": "https://a.example", "router options.cors.allow.methods": "GET",
        "router options.cors.allow.headers": "X-A", "router options.cors.expose.headers": "X-A",
        "router post_options.cors.allow.origins": "https://a.example", "router post_options.cors.allow.methods": "GET",
        "router post_options.cors.allow.headers": "X-A", "router post_options.cors.expose.headers": "X-A",
        "endpoint meta.router": "app:other_router", "endpoint method": "POST", "endpoint path": "/b",
        "endpoint func": "app:other_swift", "endpoint meta.example": "{a: 1}",
        "meta.command.name": "d", "meta.command.short": "d", "meta.command.use_case": "test",
        "service process": "app:other_process", "service host": "app:other_host", "service input": "[1]",
        "stored database": "app:other_db",
        "queue driver": "app:other_memory", "stored_queue driver": "app:other_stored",
        "queue_name": "other", "queue codec": "other", "dead_letter.queue": "app:other_queue",
        "consumer queue": "app:other_queue", "consumer func": "app:other_handle",
        "clocked queue": "app:other_queue", "periodic queue": "app:other_queue",
        "clocked cron": "@weekly", "clocked timezone": "Europe/Vienna", "periodic every": "2h",
        "body": "text", "headers": "{a: b}",
        "policy.actions": "b", "policy.resources": "b", "policy.effect": "deny",
        "policy.conditions": "[{field: action, operator: exists}]", "policy groups": "[app:group]",
    ]

    /// Fields that have no other value in the entry, and those that only say to others what a script uses.
    private static let fixed: Set<String> = [
        "stored_queue codec", "clocked every", "periodic cron", "periodic timezone", "lua uses", "lua_process uses",
    ]

    /// Assignments to fields whose parts are the handler's or the project's own.
    private static let parts = ["config": "config.word=c", "values": "values.A=b", "*": "a=1"]

    /// What the sentence of a kind with several sorts of entries says before the fields of one.
    private static let leads = [
        "queue": "With a `queue.driver.memory`, ", "stored_queue": "With a `queue.driver.sql`, ",
    ]

    @Test("They are those that the kind's page names")
    func areNamed() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.index, to: "src/_index.yaml")
        for name in ["a.env", "b.env"] { try folder.write("", to: name) }
        let loops = try EventLoopGroup(count: 1)
        defer { loops.end() }
        let registry = Registry()
        var environment = RuntimeEnvironment(
            executors: LoopExecutors(loops: loops), clock: LoopClock(control: loops.next()), log: .silent,
            metrics: Metrics())
        environment.registry = registry
        let plan = try Self.plan(of: folder)
        _ = try registry.begin(plan, in: environment)
        for kind in Self.manual {
            for entry in try Self.entries(of: kind.name, in: plan) {
                var (inPlace, anew): ([String], [String]) = ([], [])
                for field in kind.fields {
                    guard let assignment = try Self.assignment(to: field, of: entry.id.name) else { continue }
                    let changed = try Self.plan(of: folder, with: "\(entry.id):\(assignment)")
                    let difference = registry.difference(to: changed)
                    #expect(difference.changes[entry.id] == .reconfigured, "\(entry.id): \(assignment)")
                    let prepared = try registry.prepare(changed, difference, in: environment)
                    if prepared.keeps(entry.id) { inPlace.append(field.path) } else { anew.append(field.path) }
                }
                Self.expectPage(of: kind, toName: inPlace, not: anew, of: entry.id)
            }
        }
    }

    /// Expects that a kind's page names the fields that change in place.
    private static func expectPage(
        of kind: CatalogedKind, toName inPlace: [String], not anew: [String], of entry: EntryID
    ) {
        let marked = Set(kind.fields.filter(\.changesInPlace).map(\.path))
        let sentence = kind.effectOfReload ?? ""
        if !marked.isEmpty {
            #expect(Set(inPlace) == marked.intersection(inPlace + anew), "\(entry)")
        } else if inPlace.isEmpty {
            #expect(sentence.isEmpty || sentence.contains("is built anew"), "\(entry)")
        } else {
            let phrase = (leads[entry.name] ?? "") + phrase(inPlace, anew)
            #expect(sentence.lowercased().contains(phrase.lowercased()), "\(entry): '\(phrase)'")
        }
    }

    /// The handlers of the entries.
    static let handlers = HandlerTable(
        [Answer.self, Handle.self, Work.self],
        named: ["OtherAnswer": Answer.self, "OtherHandle": Handle.self, "OtherWork": Work.self])

    private static func plan(of folder: TemporaryFolder, with override: String? = nil) throws -> Plan {
        var settings = Application.Settings()
        settings.overrides = override.map { ["\"\($0.replacing("\"", with: "\"\""))\""] } ?? []
        let project = Application(project: folder.path, handlers: handlers, settings: settings).read()
        try project.throwIfInvalid()
        return project.plan
    }

    /// Returns `field=value` with a value that the field does not have; nil for a field that cannot change.
    static func assignment(to field: FieldDescription, of entry: String) throws -> String? {
        guard canChange(field, of: entry) else { return nil }
        if let given = given(to: field, of: entry) { return given }
        let value = try #require(
            field.form.samples.first { $0 != field.fallback() },
            "add another value for the field '\(field.path)' of '\(entry)' to the values of ChangedFieldsTests")
        return "\(field.path)=\(value)"
    }

    /// Returns `field=value` for a field that can change, but whose form does not give another value; nil for any
    /// other field.
    static func given(to field: FieldDescription, of entry: String) -> String? {
        guard canChange(field, of: entry) else { return nil }
        let value = values["\(entry) \(field.path)"] ?? values[field.path]
        return parts[field.path] ?? value.map { "\(field.path)=\($0)" }
    }

    private static func canChange(_ field: FieldDescription, of entry: String) -> Bool {
        field.presence != .ignored && field.presence != .refused && !field.path.contains("[]")
            && !fixed.contains("\(entry) \(field.path)")
    }

    /// Returns the phrase for the fields that change in place and those that do not.
    private static func phrase(_ inPlace: [String], _ anew: [String]) -> String {
        if anew.isEmpty { return "every field changes in place" }
        let names = { (fields: [String]) in fields.map { "`\($0)`" }.joined(separator: " and ") }
        if anew.count <= inPlace.count { return "every field except \(names(anew)) changes in place" }
        return "\(names(inPlace)) \(inPlace.count == 1 ? "changes" : "change") in place"
    }
}

/// The fields below `config` of the handlers.
private struct WordConfig: EntryConfig {
    let word: String

    init(from fields: inout FieldReader) {
        word = fields.required("word", "A word.")
    }
}

private struct Answer: HTTPHandler {
    typealias Config = WordConfig
    init(_ context: HandlerContext) {}
    func handle(_ request: HTTPRequest) -> HTTPResponse { .text("") }
}

private struct Handle: MessageHandler {
    typealias Config = WordConfig
    init(_ context: HandlerContext) {}
    func handle(_ body: Value, _ delivery: Delivery) {}
}

private struct Work: ProcessHandler {
    typealias Config = WordConfig
    init(_ context: HandlerContext) {}
    func run(_ process: ProcessContext) -> Int { 0 }
}
