import WippyDefinition
import WippyRuntime
public import WippyValues

/// What a message's headers say of how its queue keeps it.
///
/// - `delay`: how long it waits before a worker gets it, as `5s`; none unless written.
/// - `priority`: 0 through 9, of which 9 comes first; 0 unless written.
/// - `ttl`: how long it may wait for a worker; past that it goes to the dead letters, or is gone. For ever unless
///   written.
/// - `unique`: a key. A message whose key was published before within `unique_period` (1 hour unless written), or is
///   still in the queue, is accepted and not kept.
public struct MessageOptions: Sendable, Equatable {
    /// How long the message waits before a worker gets it.
    public var delay = Duration.zero

    /// 0 through 9, of which 9 comes first.
    public var priority = 0

    /// How long it may wait for a worker; nil is for ever.
    public var timeToLive: Duration?

    /// What no other message of the queue may have for ``uniquePeriod``.
    public var uniqueKey: String?

    /// How long no other message may have ``uniqueKey``.
    public var uniquePeriod = Duration.seconds(3600)

    /// The longest time that a header may say.
    static let longest = Duration.seconds(366 * 86_400)

    /// What no header says.
    public init() {}

    /// Reads the headers.
    ///
    /// - Throws: `Invalid` for a value that makes no sense.
    public init(_ headers: ValueMap) throws {
        guard !headers.isEmpty, !Self.isOfDeadLetter(headers) else { return }
        if let value = headers["delay"] { delay = try Self.duration(value, "delay") }
        if let value = headers["ttl"] { timeToLive = try Self.duration(value, "ttl") }
        if let value = headers["priority"] {
            guard let number = value.integer, (0...9).contains(number) else {
                throw Self.problem("priority", "a whole number from 0 through 9, of which 9 comes first")
            }
            priority = number
        }
        guard let value = headers["unique"] else { return }
        guard let key = value.string, !key.isEmpty else { throw Self.problem("unique", "a text") }
        uniqueKey = key
        if let value = headers["unique_period"] { uniquePeriod = try Self.duration(value, "unique_period") }
    }

    /// The headers of which this type reads what they say.
    public static let names = ["delay", "priority", "ttl", "unique", "unique_period"]

    /// Those that say when, or whether, a message is handled: a queue that does not do what they say refuses them.
    ///
    /// A message whose `priority` has no effect is handled all the same.
    package static let decisiveNames = names.filter { $0 != "priority" }

    /// The first of ``decisiveNames`` that a message asks for something with.
    package static func decisiveName(in headers: ValueMap) -> String? {
        isOfDeadLetter(headers) ? nil : decisiveNames.first { headers[$0] != nil }
    }

    /// Whether what the headers say was meant for the queue that has given the message up.
    private static func isOfDeadLetter(_ headers: ValueMap) -> Bool { headers["x_original_queue"] != nil }

    private static func duration(_ value: Value, _ name: String) throws -> Duration {
        let duration: Duration? =
            switch value {
            case .string(let text): Duration(written: text)
            case .integer(let seconds) where seconds <= Int(longest / .seconds(1)): .seconds(seconds)
            default: nil
            }
        guard let duration, (.zero...longest).contains(duration) else {
            throw problem(name, "a time such as '5s', of 366 days at most")
        }
        return duration
    }

    private static func problem(_ name: String, _ expectation: String) -> WippyError {
        WippyError(.invalid, "a message's header '\(name)' must be \(expectation)", isRetryable: false)
    }
}
