import CWippyUV
import Glibc
import WippySystem

/// An error of sockets and event loops, such as a socket that cannot be opened or a connection that was lost.
///
/// You can log the description. It never has bytes that were sent.
public struct SocketError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of the error, for programs.
    ///
    /// Later versions may add codes. Treat an unknown code as ``failed``.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        /// The host's name has no address, or cannot be looked up.
        public static let unknownHost = Code(description: "unknownHost")
        /// The address is taken, or the file for a socket exists already.
        public static let addressInUse = Code(description: "addressInUse")
        /// The system cannot use the address, for example because no interface of this machine has it.
        public static let addressNotAvailable = Code(description: "addressNotAvailable")
        /// The system does not permit the operation.
        public static let permissionDenied = Code(description: "permissionDenied")
        /// The process or the system has too few descriptors or too little memory.
        public static let outOfResources = Code(description: "outOfResources")
        /// The peer or the network has broken the connection, or a server's host does not answer.
        ///
        /// A connection that a server refuses has the code ``failed``.
        public static let connectionLost = Code(description: "connectionLost")
        /// The loops were shut down.
        public static let shutDown = Code(description: "shutDown")
        /// Any other error; see ``SocketError/errno``.
        public static let failed = Code(description: "failed")
    }

    /// The kind of the error, for programs.
    public let code: Code
    /// One sentence for people: the problem, and advice if there is some.
    public let message: String
    /// The system's error number; 0 if the error is not the system's.
    public let errno: Int32

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String, errno: Int32 = 0) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    /// Creates an error of the system or of libuv.
    ///
    /// Libuv negates the system's numbers.
    init(status: Int32, _ what: String, advice: String? = nil) {
        let errno = abs(status)
        self.init(Code(errno: errno), Self.sentence(what, Self.words(for: errno), advice), errno: errno)
    }

    /// The error of a call that needs a loop, when the loops were shut down.
    package static let loopsShutDown = SocketError(.shutDown, "the event loops were shut down")

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
