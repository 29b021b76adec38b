import WippyMessaging
import WippyRuntime
import WippySQL
import WippyText
import WippyValues

/// The columns of a message that is published.
struct NewMessage: Sendable {
    /// The time at which the message is due; nil if it is due now.
    let due: Int?
    /// The arguments of ``QueueTable/Texts/Publishing/insert``.
    let arguments: [Value]
    /// The arguments of ``QueueTable/Texts/Publishing/forgetUnique``; nil if the message has no unique key.
    let unique: [Value]?

    /// - Parameters:
    ///   - delay: the delay of the message; nil for the delay in its headers.
    ///   - age: the time since the message was published. Its time to live and the period of its key have begun then.
    /// - Throws: `WippyError` of kind `Invalid` for a malformed option in the headers, and for a body that JSON cannot
    ///   express.
    init(
        _ message: Message, in queue: String, at time: QueueTime, delay: Duration? = nil, age: Duration = .zero
    ) throws {
        let options = try MessageOptions(message.headers)
        let body: String
        let headers: String?
        do {
            body = String(decoding: try JSON.encode(message.body), as: UTF8.self)
            headers = message.headers.isEmpty ? nil : try Self.text(of: message.headers)
        } catch {
            throw WippyError(.invalid, "a message cannot be encoded as JSON: \(error)", isRetryable: false)
        }
        let now = time.now
        let published = now - age.tableMilliseconds
        let delay = delay ?? options.delay
        due = delay > .zero ? time.after(delay) : nil
        unique = options.uniqueKey.map { [.string(queue), .string($0), .integer(now)] }
        let state: QueueSchema.State = due == nil ? .ready : .delayed
        let uniqueUntil = options.uniqueKey.map { _ in published + options.uniquePeriod.tableMilliseconds }
        arguments = [
            .string(queue), .integer(state.rawValue), .integer(options.priority), .integer(message.attempts),
            due.sqlValue, .integer(published), options.timeToLive.map { published + $0.tableMilliseconds }.sqlValue,
            options.uniqueKey.sqlValue, uniqueUntil.sqlValue, .string(message.id.description), headers.sqlValue,
            .string(body),
        ]
    }

    static func text(of headers: ValueMap) throws(JSONError) -> String {
        String(decoding: try JSON.encode(.map(headers)), as: UTF8.self)
    }
}
