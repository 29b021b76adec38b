import Glibc
import WippyDefinition
import WippyValues

/// A connection to the control socket of a running application.
///
/// Its calls block. So use it only on a command's own thread.
struct ControlClient: ~Copyable {
    private let descriptor: Int32
    private let id: pid_t
    private let maxWaiting: Duration

    /// Connects to the socket of a process.
    ///
    /// - Parameter maxWaiting: the longest time in which the process may accept, read or send nothing.
    init(of id: pid_t, in folder: ControlFolder, maxWaiting: Duration = .seconds(5)) throws(ControlError) {
        descriptor = try Self.connect(to: folder.socket(of: id), maxWaiting: maxWaiting)
        self.id = id
        self.maxWaiting = maxWaiting
    }

    private static func connect(to path: String, maxWaiting: Duration) throws(ControlError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw .ofSystem(path, ENAMETOOLONG)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .ofSystem(path, errno) }
        // A limit of 0 would be none.
        let (seconds, attoseconds) = max(maxWaiting, .milliseconds(1)).components
        var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let number = errno
            close(descriptor)
            throw .ofSystem(path, number)
        }
        return descriptor
    }

    deinit { close(descriptor) }

    /// Sends a request, and calls `take` for each value of the answer.
    ///
    /// - Throws: the error that the application sends, an error when the process ends or is silent for too long, and
    ///   the errors of `take`.
    func ask(_ request: ControlRequest, _ take: (Value) throws -> Void) throws {
        try send(request.line)
        var rest: [UInt8] = []
        while true {
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = ControlLine(Array(rest[..<end]))
                rest.removeSubrange(...end)
                switch line {
                case .value(let value): try take(value)
                case .end: return
                case .error(let sentence): throw ControlError(sentence)
                case nil: throw ControlError("the process \(id) sent a malformed answer")
                }
            }
            try receive(into: &rest)
        }
    }

    private func send(_ bytes: [UInt8]) throws(ControlError) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(of: count) }
            sent += count
        }
    }

    private func receive(into bytes: inout [UInt8]) throws(ControlError) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(of: count) }
            bytes += buffer[..<count]
            return
        }
    }

    /// Returns the error for a call of the system that returned a number below 1.
    private func failure(of count: Int) -> ControlError {
        guard count < 0, errno == EAGAIN else { return ControlError("the process \(id) ended before it answered") }
        return ControlError("the process \(id) did not answer within \(maxWaiting.readable)")
    }
}
