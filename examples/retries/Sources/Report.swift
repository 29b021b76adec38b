import Wippy

/// Logs the payment that became a dead letter, and the reason.
///
/// The queue has written the reason into the message's headers.
struct Report: MessageHandler {
    private let log: Log

    init(_ context: HandlerContext) throws {
        log = context.log
    }

    func handle(_ payment: Payment, _ delivery: Delivery) async throws {
        let headers = delivery.message.headers
        log.warning(
            "payment refused",
            [
                "amount": LogValue(payment.amount), "attempts": LogValue(headers["x_attempts"]?.integer ?? 0),
                "reason": "\(headers["x_dead_letter_reason"]?.string ?? "")",
            ])
    }
}
