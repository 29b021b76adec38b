import Wippy

/// Makes a payment, or throws.
///
/// After an error, the queue tries the payment again. In the end, the payment becomes a dead letter.
struct Pay: MessageHandler {
    private let log: Log

    init(_ context: HandlerContext) throws {
        log = context.log
    }

    func handle(_ payment: Payment, _ delivery: Delivery) async throws {
        guard delivery.attempt > payment.failures else {
            // Another attempt may succeed. A payment that can never succeed becomes a dead letter in the end.
            throw WippyError(.unavailable, "the bank does not answer")
        }
        log.info("paid", ["amount": LogValue(payment.amount), "attempt": LogValue(delivery.attempt)])
    }
}
