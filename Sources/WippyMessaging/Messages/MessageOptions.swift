public import WippyDefinition
import WippyRuntime
import WippyText
public import WippyValues

/// The options in a message's headers.
///
/// They tell the queue when, whether and in which order to deliver the message. Each property has the value of one
/// header of ``MessageOption``. The page `docs/queues.md` lists the headers with their defaults and ranges.
public struct MessageOptions: EntryConfig {
    /// From `delay`: the time that the message waits before a worker can get it.
    public var delay: Duration

    /// From `priority`: the priority.
    ///
    /// A message with a higher number comes first.
    public var priority: Int

    /// From `ttl`: the time after the publication in which a worker can get the message; nil for no limit.
    ///
    /// When the message's turn comes later, even for another attempt, it becomes a dead letter. If its queue has no
    /// queue for dead letters, it is removed. Until its turn comes, it stays in the queue.
    public var timeToLive: Duration?

    /// From `unique`: the unique key of the message, which must not be empty; nil for none.
    ///
    /// While the key counts, the queue accepts and drops further messages with the same key. The key counts until the
    /// message has left the queue and its ``uniquePeriod`` has ended. A purge that removes the message frees the key at
    /// once.
    public var uniqueKey: String?

    /// From `unique_period`: the time after the publication in which ``uniqueKey`` counts even if the message has been
    /// acknowledged.
    public var uniquePeriod: Duration

    /// Reads the options from a message's headers, which are the fields of the reader.
    public init(from fields: inout FieldReader) {
        let range = CountedDuration<Seconds>.range(.zero ... .days(366))
        delay =
            fields.optional(
                MessageOption.delay.header, default: CountedDuration<Seconds>(.zero), in: range,
                "The time before a worker can get the message."
            ).duration
        priority = fields.optional(
            MessageOption.priority.header, default: 0, in: 0...9,
            "Messages with a higher number come first: 9 before 8.")
        let timeToLive: CountedDuration<Seconds>? = fields.optional(
            MessageOption.timeToLive.header, in: range,
            "The time after the publication in which a worker can get the message. When its turn comes later, even for "
                + "another attempt, it becomes a dead letter, or is removed if its queue has no dead-letter queue.")
        self.timeToLive = timeToLive?.duration
        uniqueKey = fields.optional(
            MessageOption.uniqueKey.header,
            "A key. A second message with this key is accepted but dropped, as long as the first one is in the queue "
                + "or its 'unique_period' has not ended. The command 'queue purge' frees the key of each message that "
                + "it removes.")
        uniquePeriod =
            fields.optional(
                MessageOption.uniquePeriod.header, default: CountedDuration<Seconds>(.seconds(3600)), in: range,
                "The period of 'unique'. It begins with the first message."
            ).duration
        if uniqueKey?.isEmpty == true { fields.reject(MessageOption.uniqueKey.header, "must not be empty") }
    }

    /// Reads the options from a message's headers.
    ///
    /// A dead letter gets the defaults, because its headers were meant for the queue that has given it up.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when a value is malformed or out of range.
    public init(_ headers: ValueMap) throws {
        guard MessageOption.first(in: headers) != nil else {
            self = Self.unwritten
            return
        }
        let options = Self.names.compactMap { name in headers[name].map { (name, $0) } }
        do {
            self = try FieldReader.read(ValueMap(options, onRepeatedKey: .keepLast), unknownFields: .silence) {
                fields in
                MessageOptions(from: &fields)
            }
        } catch {
            throw WippyError(.invalid, "a message's header \(error.message)", isRetryable: false)
        }
    }

    /// The names of the headers that this type reads.
    public static var names: [String] { MessageOption.allCases.map(\.header) }

    /// The options of a message whose headers set none.
    private static let unwritten = MessageOptions.standard
}
