/// How much a log line matters.
///
/// The levels have the meaning of those in swift-log.
public enum LogLevel: UInt8, Sendable, Hashable, CaseIterable, Comparable {
    /// Reports each step of a program, to trace one problem.
    case trace
    /// Helps to find the cause of an error.
    case debug
    /// Informs the operator in normal operation.
    case info
    /// Normal, but worth noticing.
    case notice
    /// Not an error, but may become one.
    case warning
    /// Something failed.
    case error
    /// Something failed that needs attention at once.
    case critical

    /// The level's word, as users write it: `info`, `warning`.
    public var name: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }

    /// The level with a name, also `warn`; nil if there is none.
    public init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) ?? (name == "warn" ? .warning : nil) else {
            return nil
        }
        self = level
    }

    /// Whether the first level matters less.
    public static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}
