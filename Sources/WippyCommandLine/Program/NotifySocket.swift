import Glibc
import WippyRuntime
import WippyText

/// The socket through which a service of `Type=notify` tells systemd its state.
///
/// The socket's name is in `NOTIFY_SOCKET`. Each message is one datagram. A datagram may be lost; then systemd's
/// timeout ends the wait. (Linux only.)
struct NotifySocket: Sendable {
    private let address: sockaddr_un
    private let length: socklen_t

    /// Creates the socket that the process's environment names; nil if it names no socket, or if the name is not valid.
    init?() {
        guard let text = unsafe getenv("NOTIFY_SOCKET") else { return nil }
        self.init(named: unsafe String(cString: text))
    }

    /// Creates a socket with a name; nil if the name is not valid.
    ///
    /// - Parameter name: the path of the socket, or `@` and the name of an abstract socket.
    init?(named name: String) {
        var bytes = Array(name.utf8)
        guard bytes.first == UInt8(ascii: "/") || bytes.first == UInt8(ascii: "@"), bytes.count > 1 else { return nil }
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room else { return nil }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        self.address = address
        length = socklen_t(MemoryLayout<sockaddr_un>.size - room + bytes.count)
    }

    /// The time by which each line about a slow start extends systemd's timeout.
    ///
    /// It is three times the time between two such lines.
    static let startExtension = Duration.seconds(15)

    /// Sends every stage of an application until it has ended.
    func follow(_ stages: AsyncStream<ApplicationStage>) async {
        for await stage in stages {
            switch stage {
            case .idle, .ended: continue
            case .starting: tell("EXTEND_TIMEOUT_USEC=\(Self.startExtension.wholeNanoseconds / 1000)")
            case .started: tell("READY=1")
            case .stopping: tell("STOPPING=1")
            }
        }
    }

    /// Sends one datagram without waiting.
    func tell(_ message: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var message = message
        message.withUTF8 { bytes in
            _ = unsafe withUnsafePointer(to: address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe sendto(
                        descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL), address, length)
                }
            }
        }
    }
}
