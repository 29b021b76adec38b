import Testing
import Wippy
import WippyTesting

@Suite("Schedules of an application", .timeLimit(.minutes(15)))
struct ScheduledQueueTests {
    private struct Work: MessageHandler {
        init(_ context: HandlerContext) {}
        func handle(_ body: String, _ delivery: Delivery) {}
    }

    private static func project(driver: String, schedule: String) -> TestProject {
        .definitions(
            """
            namespace: app
            entries:
              - {name: db, kind: db.sql.sqlite, file: x.db, lifecycle: {auto_start: true}}
              - {name: driver, \(driver), lifecycle: {auto_start: true}}
              - {name: work, kind: queue.queue, driver: driver}
              - {name: handler, kind: function.swift, handler: Work}
              - {name: worker, kind: queue.consumer, queue: work, func: handler, lifecycle: {auto_start: true}}
              - {name: tick, kind: queue.schedule, queue: work, body: now, lifecycle: {auto_start: true}, \(schedule)}
            """)
    }

    private static let drivers = ["kind: queue.driver.memory", "kind: queue.driver.sql, database: db"]

    @Test("The application's clock moves its schedules, on each driver", arguments: drivers)
    func clock(_ driver: String) async throws {
        let project = Self.project(driver: driver, schedule: "every: 7200h")
        try await TestApplication(project: project, handlers: [Work.self]) { app in
            for count in 1...3 {
                app.clock.advance(by: .seconds(7200 * 3600))
                try await eventually { try app.published("app:work").count == count }
                try await app.settled()
            }
            let ticks = try app.published("app:work").compactMap { $0.headers["x_scheduled_at"]?.integer }
            #expect(ticks.count == 3)
            #expect(ticks.allSatisfy { $0 % (7200 * 3600) == 0 })
            #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $1 - $0 == 7200 * 3600 })
            #expect(app.metrics.counts.first { $0.key.name == "messages.scheduled" }?.value == 3)
        }
    }

    @Test("What the clock has passed at once is missed: one message for 'once', each for 'all'", arguments: drivers)
    func missed(_ driver: String) async throws {
        for (missed, expected) in [("once", 1), ("all", 24)] {
            let project = Self.project(driver: driver, schedule: "every: 7200h, missed: \(missed)")
            try await TestApplication(project: project, handlers: [Work.self]) { app in
                app.clock.advance(by: .seconds(24 * 7200 * 3600))
                try await eventually { try app.published("app:work").count >= expected }
                try await app.settled()
                #expect(try app.published("app:work").count == expected)
            }
        }
    }
}
