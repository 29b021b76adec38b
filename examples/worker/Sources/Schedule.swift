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
