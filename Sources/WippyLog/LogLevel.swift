/// The importance of a log line.
///
/// The levels have the same meaning as in swift-log.
public enum LogLevel: UInt8, Sendable, Hashable, CaseIterable, Comparable {
    /// A single step of a program, to trace one problem.
    case trace
    /// A detail that helps to find the cause of an error.
    case debug
    /// Information for the operator in normal operation.
    case info
    /// A normal event that is worth noticing.
    case notice
    /// An event that is not an error, but may become one.
    case warning
    /// Something has failed.
    case error
    /// Something has failed that needs attention at once.
    case critical

    /// The level's word, as users write it, such as `info` or `warning`.
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

    /// Creates the level with a name; nil if there is no such level.
    ///
    /// `warn` is another name for `warning`.
    public init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) ?? (name == "warn" ? .warning : nil) else {
            return nil
        }
        self = level
    }

    /// True if the left level is less important than the right one.
    public static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}
