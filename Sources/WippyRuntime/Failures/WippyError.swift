/// An error of a running application.
///
/// The message must contain no arguments, payloads or credentials, so that it can be logged.
public struct WippyError: Error, CustomStringConvertible {
    /// The sort of an error.
    ///
    /// The words are the same as in wippy.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// The word, such as `NotFound`.
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// The request itself is wrong.
        public static let invalid = Kind("Invalid")
        /// The thing does not exist.
        public static let notFound = Kind("NotFound")
        /// The thing exists already.
        public static let alreadyExists = Kind("AlreadyExists")
        /// The caller is not allowed to do this.
        public static let permissionDenied = Kind("PermissionDenied")
        /// The called code does not work at the moment, or not any more.
        ///
        /// The same call may succeed later, unless ``WippyError/isRetryable`` is false.
        public static let unavailable = Kind("Unavailable")
        /// The called code has failed by its own fault.
        public static let `internal` = Kind("Internal")
        /// The caller gave up.
        public static let cancelled = Kind("Canceled")
        /// The call conflicts with the present state, for example because another caller was first.
        public static let conflict = Kind("Conflict")
        /// The call took too long.
        public static let timeout = Kind("Timeout")
        /// The caller asks too often.
        public static let rateLimited = Kind("RateLimited")
    }

    /// The sort of the error.
    public let kind: Kind

    /// The problem, with advice if there is any.
    public let message: String

    /// True if the same call may succeed later; nil if this is unknown.
    public let isRetryable: Bool?

    /// The error that caused this error; nil if there is no such error.
    public let cause: (any Error)?

    /// Creates an error.
    ///
    /// By default, it has no cause, and ``isRetryable`` is nil.
    public init(_ kind: Kind, _ message: String, isRetryable: Bool? = nil, cause: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.isRetryable = isRetryable
        self.cause = cause
    }

    /// The message.
    public var description: String { message }
}
