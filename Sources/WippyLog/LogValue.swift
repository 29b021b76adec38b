public import WippyValues

/// A value in a log line's metadata.
public enum LogValue: Sendable, Hashable {
    /// Data that may be shown.
    case value(Value)
    /// A secret. The line shows that there is a value, but not the value.
    case redacted

    /// What stands in a line for a secret.
    static let redactedText = "<redacted>"

    /// The description of something: an id, an error, an address.
    public init(_ subject: some CustomStringConvertible) {
        self = .value(.string(subject.description))
    }

    /// A number.
    public init(_ number: Int) {
        self = .value(.integer(number))
    }

    /// A truth value.
    public init(_ value: Bool) {
        self = .value(.bool(value))
    }

    /// A number with a fraction.
    public init(_ number: Double) {
        self = .value(.float(number))
    }

    /// Stands for a secret without keeping it: `["token": .redacted(token)]`.
    public static func redacted(_ secret: borrowing some ~Copyable) -> LogValue {
        .redacted
    }
}

extension LogValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// A literal truth value.
    public init(booleanLiteral value: Bool) {
        self = .value(.bool(value))
    }

    /// A literal whole number.
    public init(integerLiteral value: Int) {
        self = .value(.integer(value))
    }

    /// A literal number with a fraction.
    public init(floatLiteral value: Double) {
        self = .value(.float(value))
    }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// A text literal, with or without interpolation.
    public init(stringLiteral value: String) {
        self = .value(.string(value))
    }
}
