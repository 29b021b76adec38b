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
