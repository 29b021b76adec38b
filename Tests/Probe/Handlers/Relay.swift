import Wippy

/// Hands each message on to the queue `next`, or back into a cycle by the queue `again`; what is poison always fails.
struct Relay: MessageHandler {
    struct Config: EntryConfig {
        let wait: Duration
        let failures: Int
        let rounds: Int

        init(from fields: inout FieldReader) {
            wait = fields.optional(
                "wait", default: .zero, in: .zero ... .seconds(60), "How long a message is worked on.")
            failures = fields.optional("failures", default: 0, in: 0...1000, "How many attempts fail first.")
            rounds = fields.optional("rounds", default: 0, in: 0...1000, "How often a message takes the way back.")
        }
    }

    struct Letter: Codable, Sendable {
        var id: String
        var rounds: Int?
        var isPoison: Bool?
    }

    private struct Refused: Error {}

    private let next: Queue
    private let again: Queue?
    private let clock: any RuntimeClock
    private let config: Config

    init(_ context: HandlerContext) throws {
        config = try context.config(Config.self)
        next = try context.queue("next")
        again = config.rounds > 0 ? try context.queue("again") : nil
        clock = context.clock
    }

    func handle(_ letter: Letter, _ delivery: Delivery) async throws {
        try await clock.sleep(for: config.wait)
        guard delivery.attempt > config.failures, letter.isPoison != true else { throw Refused() }
        let rounds = letter.rounds ?? 0
        guard let again, rounds < config.rounds else {
            _ = try await next.publish(encoding: letter)
            return
        }
        try await again.publish(encoding: Letter(id: letter.id, rounds: rounds + 1))
    }
}
