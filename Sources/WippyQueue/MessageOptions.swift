public import WippyDefinition
import WippyRuntime
public import WippyValues

/// What a message's headers tell its queue: how long to keep it, and in which order.
///
/// Each field is a header.
public struct MessageOptions: EntryConfig {
    /// How long the message waits before a worker gets it.
    public var delay: Duration

    /// 0 through 9; higher comes first.
    public var priority: Int

    /// How long the message may wait for a worker; nil means no limit.
    public var timeToLive: Duration?

    /// A key that no second message may have within ``uniquePeriod``.
    public var uniqueKey: String?

    /// How long the key counts.
    public var uniquePeriod: Duration

    /// Reads the headers' fields.
    public init(from fields: inout FieldReader) {
        let range = HeaderTime(.zero)...HeaderTime(.seconds(366 * 86_400))
        delay =
            fields.optional(
                "delay", default: HeaderTime(.zero), in: range, "How long the message waits before a worker gets it."
            ).duration
        priority = fields.optional("priority", default: 0, in: 0...9, "The higher comes first: 9 before 8.")
        let timeToLive: HeaderTime? = fields.optional(
            "ttl", in: range,
            "How long the message may wait for a worker. Then it becomes a dead letter, or is removed if its queue has "
                + "no queue for them.")
        self.timeToLive = timeToLive?.duration
        uniqueKey = fields.optional(
            "unique",
            "A key. While a message with it is in the queue, and within the period, another is accepted and dropped.")
        uniquePeriod =
            fields.optional(
                "unique_period", default: HeaderTime(.seconds(3600)), in: range,
                "The period of 'unique', from the first message on."
            ).duration
        if uniqueKey?.isEmpty == true { fields.reject("unique", "must not be empty") }
    }

    /// Reads a message's headers.
    ///
    /// - Throws: `Invalid` for a value that makes no sense.
    public init(_ headers: ValueMap) throws {
        guard Self.name(in: headers) != nil else {
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

    /// What no header says.
    private static let unwritten = MessageOptions.standard

    /// The headers that this type reads.
    public static let names: [String] = {
        var fields = FieldReader()
        _ = MessageOptions(from: &fields)
        return fields.descriptions.map(\.path)
    }()

    /// Those that say when, or whether, a message is handled: a queue that does not do what they say refuses them.
    ///
    /// A message whose `priority` has no effect is handled all the same.
    package static let decisiveNames = names.filter { $0 != "priority" }

    /// The first of ``names`` that a message asks for something with.
    package static func name(in headers: ValueMap) -> String? { name(among: names, in: headers) }

    /// The first of ``decisiveNames`` that a message asks for something with.
    package static func decisiveName(in headers: ValueMap) -> String? { name(among: decisiveNames, in: headers) }

    /// What the headers of a dead letter say was meant for the queue that has given the message up.
    private static func name(among names: [String], in headers: ValueMap) -> String? {
        headers.isEmpty || headers["x_original_queue"] != nil ? nil : names.first { headers[$0] != nil }
    }
}

/// A time in a header: `5s`, or a number of seconds.
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
    /// A header's value; lists and maps are there without what they hold, for no option takes one.
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
