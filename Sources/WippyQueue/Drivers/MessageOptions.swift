public import WippyDefinition
import WippyRuntime
import WippyText
public import WippyValues

/// The options in a message's headers.
///
/// They tell the queue when, whether and in which order to deliver the message.
///
/// Each property has the value of one header of ``MessageOption``. ``init(from:)`` says the default and the range of
/// each.
public struct MessageOptions: EntryConfig {
    /// The time that the message waits before a worker gets it, from `delay`.
    public var delay: Duration

    /// The priority, from `priority`.
    ///
    /// A message with a higher number comes first.
    public var priority: Int

    /// The longest time that the message waits for a worker, from `ttl`; nil for no limit.
    public var timeToLive: Duration?

    /// The unique key of the message, from `unique`; nil for none.
    ///
    /// The queue accepts and drops every further message with the same key as long as one of two conditions holds:
    /// this message is in the queue, or its ``uniquePeriod`` has not ended.
    public var uniqueKey: String?

    /// The time for which ``uniqueKey`` counts after the publication, from `unique_period`.
    public var uniquePeriod: Duration

    /// Reads the options from a message's headers, which are the fields of the reader.
    public init(from fields: inout FieldReader) {
        let range = HeaderTime(.zero)...HeaderTime(.days(366))
        delay =
            fields.optional(
                MessageOption.delay.header, default: HeaderTime(.zero), in: range,
                "The time before a worker can get the message."
            ).duration
        priority = fields.optional(
            MessageOption.priority.header, default: 0, in: 0...9,
            "Messages with a higher number come first: 9 before 8.")
        let timeToLive: HeaderTime? = fields.optional(
            MessageOption.timeToLive.header, in: range,
            "The longest time that the message may wait for a worker. After that, it becomes a dead letter, or is "
                + "removed if its queue has no dead-letter queue.")
        self.timeToLive = timeToLive?.duration
        uniqueKey = fields.optional(
            MessageOption.uniqueKey.header,
            "A key. A second message with this key is accepted but dropped, as long as the first one is in the queue "
                + "or its 'unique_period' has not ended.")
        uniquePeriod =
            fields.optional(
                MessageOption.uniquePeriod.header, default: HeaderTime(.seconds(3600)), in: range,
                "The period of 'unique'. It begins with the first message."
            ).duration
        if uniqueKey?.isEmpty == true { fields.reject(MessageOption.uniqueKey.header, "must not be empty") }
    }

    /// Reads the options from a message's headers.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when a value is malformed or out of range.
    public init(_ headers: ValueMap) throws {
        guard MessageOption.first(in: headers) != nil else {
            self = Self.unwritten
            return
        }
        let place = Location(source: "headers")
        let pairs = Self.names.compactMap { name in
            headers[name].map { Node.Pair(key: name, keyLocation: place, value: Node($0, at: place)) }
        }
        var fields = FieldReader(Node(.mapping(pairs), at: place), unknownFields: .silence)
        self.init(from: &fields)
        if let problem = fields.finish().first {
            throw WippyError(.invalid, "a message's header \(problem.message)", isRetryable: false)
        }
    }

    /// The names of the headers that this type reads.
    public static var names: [String] { MessageOption.allCases.map(\.header) }

    /// The options of a message whose headers set none.
    private static let unwritten = MessageOptions.standard
}

/// A time in a header, such as `5s`, or a number of seconds.
private struct HeaderTime: OrderedFieldValue {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    static func form(in range: ClosedRange<HeaderTime>) -> FieldForm {
        .either(
            [.duration(in: range.lowerBound.duration...range.upperBound.duration), .integer()],
            words: "a time such as 5s, or seconds")
    }

    static var placeholder: HeaderTime { HeaderTime(.zero) }

    static var all: ClosedRange<HeaderTime> {
        HeaderTime(Duration.all.lowerBound)...HeaderTime(Duration.all.upperBound)
    }

    var written: String { duration.written }

    init(reading node: Node) throws(FieldProblem) {
        if case .integer(let seconds)? = node.scalar?.value, Int64(seconds).magnitude < Int64.max / 1_000_000_000 {
            duration = .seconds(seconds)
        } else if let text = node.scalar?.text, let time = Duration(written: text) {
            duration = time
        } else {
            throw .expected(Self.form, got: node)
        }
    }

    static func < (left: HeaderTime, right: HeaderTime) -> Bool { left.duration < right.duration }
}

extension Node {
    /// Creates the node of a header's value.
    ///
    /// Lists and maps become empty, because no option takes them.
    fileprivate init(_ value: Value, at place: Location) {
        let content: Content =
            switch value {
            case .string(let text): .scalar(Scalar(text, style: .quoted))
            case .list, .bytes: .sequence([])
            case .map: .mapping([])
            default: .scalar(Scalar(JSON.text(of: value), style: .plain))
            }
        self.init(content, at: place)
    }
}
