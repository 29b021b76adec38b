import CWippyUV
import Glibc
import WippySystem

/// Why a socket could not be opened, or was lost.
///
/// You can log the description: it has addresses and the system's words, never what was sent.
public struct SocketError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, for programs.
    ///
    /// More may be added: treat an unknown one as `failed`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The host name has no address.
        public static let unknownHost = Code(description: "unknownHost")
        /// Another socket listens there already.
        public static let addressInUse = Code(description: "addressInUse")
        /// No interface of this machine has the address.
        public static let addressNotAvailable = Code(description: "addressNotAvailable")
        /// The process may not listen there.
        public static let permissionDenied = Code(description: "permissionDenied")
        /// The process or the system has no descriptor or memory left for another socket.
        public static let outOfResources = Code(description: "outOfResources")
        /// The peer or the network has broken the connection.
        public static let connectionLost = Code(description: "connectionLost")
        /// The loops were shut down.
        public static let shutDown = Code(description: "shutDown")
        /// Anything else; see `errno`.
        public static let failed = Code(description: "failed")
    }

    /// What went wrong, for programs.
    public let code: Code
    /// What went wrong and what to do, for people: one sentence.
    public let message: String
    /// The system's error number; 0 if the system was not asked.
    public let errno: Int32

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String, errno: Int32 = 0) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    /// An error of the system or of libuv (which negates the system's numbers).
    init(status: Int32, _ what: String, advice: String? = nil) {
        let errno = abs(status)
        self.init(Code(errno: errno), Self.sentence(what, Self.words(for: errno), advice), errno: errno)
    }

    static let loopsShutDown = SocketError(.shutDown, "the event loops were shut down")

    private static func words(for errno: Int32) -> String {
        errno == EMFILE ? SystemError.words(for: errno) : String(cString: uv_strerror(-errno))
    }

    private static func sentence(_ what: String, _ words: String, _ advice: String?) -> String {
        let text = "\(what): \(words)"
        guard let advice else { return text }
        return "\(text); \(advice)"
    }
}

extension SocketError.Code {
    init(errno: Int32) {
        switch errno {
        case EADDRINUSE: self = .addressInUse
        case EADDRNOTAVAIL: self = .addressNotAvailable
        case EACCES, EPERM: self = .permissionDenied
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: self = .outOfResources
        case ECONNRESET, EPIPE, ETIMEDOUT, ECONNABORTED, EHOSTUNREACH, ENETDOWN, ENOTCONN: self = .connectionLost
        default: self = .failed
        }
    }
}
