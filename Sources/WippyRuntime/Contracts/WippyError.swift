/// An error of a running application.
///
/// All parts of the runtime use this one type.
///
/// The message says what happened and what to do. You can log it: it has no arguments, payloads or credentials.
public struct WippyError: Error, CustomStringConvertible {
    /// The sort of an error.
    ///
    /// The words are the same as in wippy.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// The word.
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// The request makes no sense.
        public static let invalid = Kind("Invalid")
        /// The thing does not exist.
        public static let notFound = Kind("NotFound")
        /// The thing exists already.
        public static let alreadyExists = Kind("AlreadyExists")
        /// The caller is not allowed to do this.
        public static let permissionDenied = Kind("PermissionDenied")
        /// It does not work at the moment.
        ///
        /// The same call may succeed later.
        public static let unavailable = Kind("Unavailable")
        /// The called part is at fault.
        public static let `internal` = Kind("Internal")
        /// The caller gave up.
        public static let cancelled = Kind("Canceled")
        /// Another caller was first.
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

    /// Whether the same call may succeed later; nil if that is not known.
    public let isRetryable: Bool?

    /// The error that caused this one, if there is one.
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
