// Written by 'make docs' from the application itself: examples/worker/Sources and what belongs to it.

extension ProjectTemplate {
    static let workerSources = [
        File(
            path: "src/_index.yaml",
            text: ##"""
                # yaml-language-server: $schema=../schema.json
                version: "1.0"
                namespace: app

                entries:
                  # What keeps the queue's messages.
                  - name: queue_driver
                    kind: queue.driver.memory
                    lifecycle:
                      auto_start: true

                  # A job that fails is tried again after growing delays.
                  - name: jobs
                    kind: queue.queue
                    driver: app:queue_driver
                    retry:
                      initial_delay: 1s
                      max_delay: 1m

                  # Publishes a job at each interval.
                  - name: schedule
                    kind: process.swift
                    handler: Schedule
                    config:
                      interval: 10s
                    uses:
                      jobs: app:jobs

                  - name: schedule-service
                    kind: process.service
                    process: app:schedule
                    host: app:processes
                    lifecycle:
                      auto_start: true

                  - name: processes
                    kind: process.host
                    lifecycle:
                      auto_start: true

                  # Does the work of one job.
                  - name: work
                    kind: function.swift
                    handler: Work

                  - name: worker
                    kind: queue.consumer
                    queue: app:jobs
                    func: app:work
                    concurrency: 2
                    lifecycle:
                      auto_start: true

                """##),
        File(
            path: "Sources/{{MODULE}}/Schedule.swift",
            text: ##"""
                import Wippy

                /// Publishes a job at each interval, until it is told to end.
                struct Schedule: ProcessHandler {
                    struct Config: EntryConfig {
                        let interval: Duration

                        init(from fields: inout FieldReader) {
                            interval = fields.optional(
                                "interval", default: .seconds(10), in: .milliseconds(1) ... .seconds(86_400),
                                "How long it waits before each job.")
                        }
                    }

                    private let jobs: Queue
                    private let interval: Duration

                    init(_ context: HandlerContext) throws {
                        jobs = try context.queue("jobs")
                        interval = try context.config(Config.self).interval
                    }

                    func run(_ process: ProcessContext) async throws -> Int {
                        var number = 0
                        // The end of the process is the error that its sleep throws then.
                        while true {
                            try await process.sleep(for: interval)
                            number += 1
                            try await jobs.publish(["number": .integer(number)])
                        }
                    }
                }

                """##),
        File(
            path: "Sources/{{MODULE}}/Work.swift",
            text: ##"""
                import Wippy

                /// Does the work of one job: here it writes a line.
                ///
                /// A job may come twice, so make the work safe to repeat. One that throws comes again.
                struct Work: MessageHandler {
                    struct Job: Codable {
                        let number: Int
                    }

                    private let log: Log

                    init(_ context: HandlerContext) throws {
                        log = context.log
                    }

                    func handle(_ job: Job, _ delivery: Delivery) async throws {
                        log.info("worked", ["job": LogValue(job.number), "attempt": LogValue(delivery.attempt)])
                    }
                }

                """##),
        File(
            path: "Sources/{{MODULE}}/{{MODULE}}.swift",
            text: ##"""
                import Wippy
                import WippyCommand

                @main
                struct {{MODULE}} {
                    static let handlers: [any Handler.Type] = [Schedule.self, Work.self]

                    static func main() async {
                        await Application.main(handlers: handlers)
                    }
                }

                """##),
        File(
            path: "Tests/{{MODULE}}Tests/WorkerTests.swift",
            text: ##"""
                import Testing
                import Wippy
                import WippyTesting

                @testable import {{MODULE}}

                @Suite("The worker")
                struct WorkerTests {
                    @Test("At each interval a job is published, and done")
                    func jobs() async throws {
                        try await TestApplication(handlers: {{MODULE}}.handlers) { app in
                            for count in 1...3 {
                                app.clock.advance(by: .seconds(10))
                                try await eventually("a job is published") { try app.published("app:jobs").count == count }
                            }
                            try await app.settled()
                            #expect(app.log.messages.count { $0 == "worked" } == 3)
                        }
                    }
                }

                """##),
    ]
}
