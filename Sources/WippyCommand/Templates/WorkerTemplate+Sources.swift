// Written by 'make docs' from the applications themselves: examples/worker/Sources, examples/lua-worker and what belongs to them.

import WippyCommandLine

extension ProjectTemplate {
    static let workerSources = [
        File(
            path: "src/_index.yaml",
            text: ##"""
                # yaml-language-server: $schema=../schema.json
                version: "1.0"
                namespace: app

                entries:
                  # The driver that keeps the queue's messages.
                  - name: queue_driver
                    kind: queue.driver.memory
                    lifecycle:
                      auto_start: true

                  # A failed job is tried again after growing delays.
                  - name: jobs
                    kind: queue.queue
                    driver: app:queue_driver
                    retry:
                      initial_delay: 1s
                      max_delay: 1m

                  # Publishes a job after each interval.
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
                                "The time between two jobs.")
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
                        // When the process is told to end, its sleep throws an error. The error ends the loop.
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

                /// Does the work of one job: here it logs a line.
                ///
                /// A job may be delivered twice, so make the work safe to repeat. If `handle` throws, the job is delivered again.
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

    static let workerScripts = [
        File(
            path: "src/_index.yaml",
            text: ##"""
                # yaml-language-server: $schema=../schema.json
                version: "1.0"
                namespace: app

                entries:
                  # The driver that keeps the queue's messages.
                  - name: queue_driver
                    kind: queue.driver.memory
                    lifecycle:
                      auto_start: true

                  # A failed job is tried again after growing delays.
                  - name: jobs
                    kind: queue.queue
                    driver: app:queue_driver
                    retry:
                      initial_delay: 1s
                      max_delay: 1m

                  # Publishes a job after each interval. The interval is its input.
                  - name: schedule
                    kind: process.lua
                    source: file://schedule.lua
                    modules: [queue, time]

                  - name: schedule.service
                    kind: process.service
                    process: app:schedule
                    host: app:processes
                    input: [10s]
                    lifecycle:
                      auto_start: true

                  - name: processes
                    kind: process.host
                    lifecycle:
                      auto_start: true

                  # Does the work of one job.
                  - name: work
                    kind: function.lua
                    source: file://work.lua
                    modules: [logger]

                  - name: worker
                    kind: queue.consumer
                    queue: app:jobs
                    func: app:work
                    concurrency: 2
                    lifecycle:
                      auto_start: true

                """##),
        File(
            path: "src/tests/_index.yaml",
            text: ##"""
                # yaml-language-server: $schema=../../schema.json
                version: "1.0"
                namespace: app.tests

                entries:
                  # 'wippy-swift test' runs it beside the application.
                  - name: run
                    kind: process.lua
                    meta:
                      command:
                        name: test
                        short: Run every test
                        use_case: test
                    source: file://run.lua
                    modules: [io, funcs]

                  - name: terminal
                    kind: terminal.host
                    lifecycle:
                      auto_start: true

                """##),
        File(
            path: "src/schedule.lua",
            text: ##"""
                local queue = require("queue")
                local time = require("time")

                -- A process. It runs until its service stops it, which ends its sleep.
                local function main(interval: string)
                    local number = 0
                    while true do
                        time.sleep(interval)
                        number = number + 1
                        local _, err = queue.publish("app:jobs", {number = number})
                        if err then
                            error(err)
                        end
                    end
                end

                return {main = main}

                """##),
        File(
            path: "src/tests/run.lua",
            text: ##"""
                local funcs = require("funcs")
                local io = require("io")

                -- Each test has a name and a function, which raises an error if the test fails.
                local tests = {
                    {"a job is done", function()
                        local _, err = funcs.call("app:work", {number = 1})
                        assert(not err, err)
                    end},
                    {"a job without a number fails", function()
                        local _, err = funcs.call("app:work", {})
                        assert(err and tostring(err) == "a job needs a number", err)
                    end},
                }

                -- Returns the number of failed tests, which becomes the exit status.
                local function main(): integer
                    local failures = 0
                    for _, test in ipairs(tests) do
                        local sentence, run = test[1], test[2]
                        local passed, reason = pcall(run)
                        if passed then
                            io.print("passed", sentence)
                        else
                            failures = failures + 1
                            io.print("FAILED", sentence, reason)
                        end
                    end
                    io.print(#tests - failures .. " passed, " .. failures .. " failed")
                    return failures
                end

                return {main = main}

                """##),
        File(
            path: "src/work.lua",
            text: ##"""
                local logger = require("logger")

                -- Does the work of one job. Here it writes a line.
                --
                -- A job may come twice, so make the work safe to repeat. A failed job comes again.
                local function work(job)
                    if type(job.number) ~= "number" then
                        return nil, "a job needs a number"
                    end
                    logger:info("worked", {job = job.number})
                end

                return {main = work}

                """##),
    ]
}
