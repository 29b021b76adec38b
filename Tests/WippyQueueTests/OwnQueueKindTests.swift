import Testing
import Wippy
import WippyTesting

/// A kind of queues from outside, beside `queue.queue`.
@Suite("A kind of queues from outside", .timeLimit(.minutes(15)))
struct OwnQueueKindTests {
    private static let kinds: [any ProgramPart] = .standard + [AnnouncedQueueKind()]

    private static func diagnostics(_ entries: String) throws -> [String] {
        let folder = try TemporaryFolder()
        try folder.write("namespace: app\nentries:\n\(entries)\n", to: "src/_index.yaml")
        let application = Application(project: folder.path, handlers: [], kinds: kinds)
        return application.check().report.diagnostics.map(\.description)
    }

    @Test("Its driver checks its queues, alone and together with those of other kinds")
    func checks() throws {
        let entries = """
              - {name: db, kind: db.sql.sqlite, file: ./queues.db}
              - {name: driver, kind: queue.driver.sql, database: db}
              - {name: jobs, kind: queue.queue, driver: driver}
              - name: own
                kind: queue.announced
                driver: driver
                queue_name: "app:jobs"
                codec: other
                driver_options: {memory: {max_length: 3}, sql: {max_lenght: 3}}
                dead_letter: {queue: own}
            """
        let found = try Self.diagnostics(entries)
        #expect(
            found == [
                "src/_index.yaml:11:53: error: app:own: unknown field 'driver_options.sql.max_lenght'; did you mean "
                    + "'driver_options.sql.max_length'?",
                "src/_index.yaml:12:26: error: app:own: 'dead_letter.queue' names the queue itself; name another queue, "
                    + "or leave the field out to try messages for ever",
                "src/_index.yaml:12:26: error: app:own: depends on itself: app:own -> app:own ('dead_letter.queue', "
                    + "src/_index.yaml:12:26); remove one of these references",
            ])
        let valid = entries.replacing("lenght", with: "length").replacing("queue: own", with: "queue: jobs")
        let foundByDriver = try Self.diagnostics(valid)
        #expect(
            foundByDriver == [
                "src/_index.yaml:9:17: warning: app:own: 'queue_name' is also the name of 'app:jobs' in the database: "
                    + "both have the same messages",
                "src/_index.yaml:10:12: error: app:own: 'codec' is 'other', but a queue.driver.sql keeps bodies only as "
                    + "json/plain",
                "src/_index.yaml:11:43: warning: app:own: 'driver_options.memory.max_length' has no effect: the queue's "
                    + "driver is app:driver, a queue.driver.sql",
            ])
    }

    private struct Handle: MessageHandler {
        init(_ context: HandlerContext) {}
        func handle(_ fails: Bool, _ delivery: Delivery) throws {
            if fails { throw WippyError(.internal, "no") }
        }
    }

    @Test("Its queues are measured, and its manual has the metrics and what the drivers change in place")
    func metrics() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            namespace: app
            entries:
              - {name: driver, kind: queue.driver.memory}
              - {name: own, kind: queue.announced, driver: driver, announcement: there}
              - {name: handle, kind: function.swift, handler: Handle}
              - {name: consumer, kind: queue.consumer, queue: own, func: handle, lifecycle: {auto_start: true}}
            """, to: "src/_index.yaml")
        try await TestApplication(project: .folder(folder.path), handlers: [Handle.self], kinds: Self.kinds) { app in
            let queue = try app.queue("app:own")
            for fails in [false, false, true] { try await queue.publish(.bool(fails)) }
            let own = EntryID(namespace: "app", name: "own")
            func count(of name: String) -> Int? {
                app.metrics.counts.first { $0.key.entry == own && $0.key.name == name }?.value
            }
            try await eventually("all are handled once") {
                count(of: "queue.acknowledged") == 2 && (count(of: "queue.failed") ?? 0) > 0
            }
            #expect(count(of: "queue.published") == 3)
            let gauges = await app.metrics.gauges.filter { $0.key.entry == own }.map(\.key.name)
            #expect(gauges.contains("queue.ready") && gauges.contains("queue.published_rate"))
            #expect(app.log.messages.filter { $0 == "there" }.count == 3)
        }
        let manual = KindCatalog(Self.kinds).manual
        let (usual, own) = (
            try #require(manual.first { $0.name == "queue.queue" }),
            try #require(manual.first { $0.name == "queue.announced" })
        )
        #expect(own.metrics == usual.metrics && !own.metrics.isEmpty)
        let note = try #require(own.effectOfReload)
        #expect(note.hasPrefix("With a `queue.driver.memory`, every field changes in place"))
        #expect(usual.effectOfReload?.hasPrefix("\(note) If the driver cannot") == true)
    }
}
