public import WippyRuntime
import WippyValues

/// A handler for the messages of a queue.
public protocol MessageHandler: Handler {
    /// The type of a message's body.
    associatedtype Body: Decodable & Sendable

    /// Handles a message.
    ///
    /// If you return, the message is acknowledged. If you throw an error, the queue's settings and the message's `ttl`
    /// decide whether it is tried again, and when. If you throw after the task was cancelled, it goes back unchanged.
    ///
    /// If a message cannot be decoded as `Body`, this method is not called, and the attempt fails.
    ///
    /// Delivery is at least once. A message may come again after its work was done. So make the work safe to repeat.
    func handle(_ body: Body, _ delivery: Delivery) async throws
}

extension MessageHandler {
    /// The shape of every handler for messages.
    public static var shape: HandlerShape {
        HandlerShape("a message handler", of: Self.self, offers: .messageFunction) {
            TypedMessageFunction(handler: $0, placement: $1)
        }
    }
}

/// Decodes the body for a message handler.
private struct TypedMessageFunction<Typed: MessageHandler>: MessageFunction {
    let handler: Typed
    let placement: Placement

    func handle(_ delivery: Delivery) async throws {
        try await placement.run {
            let body = try ValueDecoder.argument(Typed.Body.self, from: delivery.message.body)
            try await handler.handle(body, delivery)
        }
    }
}
