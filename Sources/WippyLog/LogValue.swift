public import WippyValues

/// A value in the metadata of a log line.
public enum LogValue: Sendable, Hashable {
    /// Data that may be shown.
    case value(Value)
    /// A secret.
    ///
    /// The line shows that there is a value, but does not show the value.
    case redacted

    /// The text that a line has in place of a secret.
    static let redactedText = "<redacted>"

    /// Creates a value from the description of something, such as an id, an error or an address.
    public init(_ subject: some CustomStringConvertible) {
        self = .value(.string(subject.description))
    }

    /// Creates a whole number.
    public init(_ number: Int) {
        self = .value(.integer(number))
    }

    /// Creates a truth value.
    public init(_ value: Bool) {
        self = .value(.bool(value))
    }

    /// Creates a floating-point number.
    public init(_ number: Double) {
        self = .value(.float(number))
    }

    /// Returns the value that a line has in place of a secret: `["token": .redacted(token)]`.
    ///
    /// The secret is not kept.
    public static func redacted(_ secret: borrowing some ~Copyable) -> LogValue {
        .redacted
    }
}

extension LogValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// Creates a truth value from a literal.
    public init(booleanLiteral value: Bool) {
        self = .value(.bool(value))
    }

    /// Creates a whole number from a literal such as `42`.
    public init(integerLiteral value: Int) {
        self = .value(.integer(value))
    }

    /// Creates a floating-point number from a literal such as `0.5`.
    public init(floatLiteral value: Double) {
        self = .value(.float(value))
    }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Creates a text from a literal, with or without interpolation.
    public init(stringLiteral value: String) {
        self = .value(.string(value))
    }
}
