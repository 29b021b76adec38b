import Wippy

/// Logs the messages that a queue accepts.
struct LoggedQueue: WrappingQueue {
    let wrapped: any MessageQueue
    let log: Log

    func didAccept(_ message: Message) { log.debug("a message was accepted", ["message_id": LogValue(message.id)]) }
}
