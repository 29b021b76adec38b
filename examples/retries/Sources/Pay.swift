import Wippy

/// Pays, or throws: then the queue tries the payment again, and gives it up in the end.
struct Pay: MessageHandler {
    private let log: Log

    init(_ context: HandlerContext) throws {
        log = context.log
    }

    func handle(_ payment: Payment, _ delivery: Delivery) async throws {
        guard delivery.attempt > payment.failures else {
            // Another attempt may succeed; what cannot succeed is given up all the same.
            throw WippyError(.unavailable, "the bank does not answer")
        }
        log.info("paid", ["amount": LogValue(payment.amount), "attempt": LogValue(delivery.attempt)])
    }
}
