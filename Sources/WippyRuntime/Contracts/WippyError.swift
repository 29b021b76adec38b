/// What went wrong while an application ran: one vocabulary for every part of it.
///
/// The message says what happened and what to do. It is safe to log: no arguments, payloads or credentials.
public struct WippyError: Error, CustomStringConvertible {
    /// What sort of error it is.
    ///
    /// The words are wippy's own.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// The word.
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// What was asked for makes no sense as it is.
        public static let invalid = Kind("Invalid")
        /// There is no such thing.
        public static let notFound = Kind("NotFound")
        /// There is one already.
        public static let alreadyExists = Kind("AlreadyExists")
        /// The caller may not.
        public static let permissionDenied = Kind("PermissionDenied")
        /// Not now; the same call may succeed later.
        public static let unavailable = Kind("Unavailable")
        /// The callee's own fault.
        public static let `internal` = Kind("Internal")
        /// The caller gave up.
        public static let cancelled = Kind("Canceled")
        /// Somebody else was first.
        public static let conflict = Kind("Conflict")
        /// It took too long.
        public static let timeout = Kind("Timeout")
        /// The caller asks too often.
        public static let rateLimited = Kind("RateLimited")
    }

    /// What sort of error it is.
    public let kind: Kind

    /// What happened and what to do.
    public let message: String

    /// Whether the same call may succeed later; nil when that is not known.
    public let isRetryable: Bool?

    /// What caused it, if something else did.
    public let cause: (any Error)?

    /// Creates an error.
    public init(_ kind: Kind, _ message: String, isRetryable: Bool? = nil, cause: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.isRetryable = isRetryable
        self.cause = cause
    }

    /// The message.
    public var description: String { message }
}
