import CWippyUV
import Glibc
import Synchronization
import WippySystem

/// The descriptor of a listening socket.
///
/// The kernel finishes the handshakes of its clients. The owner closes the socket once.
struct ListeningSocket {
    let descriptor: Int32
    /// The address on which the socket listens, with its real port.
    let address: SocketAddress

    /// The result of asking for one connection.
    enum Accepted {
        case connection(descriptor: Int32, from: SocketAddress)
        /// No client waits.
        case nothing
        /// The client has gone before it was accepted. Ask again.
        case gone
        case failed(SocketError)
    }

    /// - Parameter requested: an IP address or all addresses.
    init(listeningOn requested: SocketAddress, backlog: Int32) throws(SocketError) {
        if requested.isEvery {
            do throws(SocketError) {
                try self.init(requested, family: AF_INET6, backlog: backlog)
                return
            } catch {
                // A machine without IPv6 gives one of these two errors.
                guard error.errno == EAFNOSUPPORT || error.errno == EADDRNOTAVAIL else { throw error }
            }
        }
        try self.init(requested, family: requested.family, backlog: backlog)
    }

    private init(_ requested: SocketAddress, family: Int32, backlog: Int32) throws(SocketError) {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw Self.error(requested) }
        Self.configure(descriptor, requested, family: family)
        guard let address = Self.listen(descriptor, requested, family: family, backlog: backlog) else {
            let error = Self.error(requested)
            Glibc.close(descriptor)
            throw error
        }
        self.address = address
    }

    /// Takes one finished handshake from the kernel's queue.
    ///
    /// The new descriptor does not block, and child processes do not inherit it.
    func accept() -> Accepted {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let accepted = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                accept4(
                    descriptor, $0, &length, Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue))
            }
        }
        if accepted >= 0 {
            return .connection(descriptor: accepted, from: SocketAddress(storage) ?? .all())
        }
        switch errno {
        case EAGAIN: return .nothing
        case EINTR, ECONNABORTED, EPROTO: return .gone
        // The kernel looks for a free descriptor before it looks for a client.
        case let number: return someoneWaits ? .failed(Self.cannotAccept(at: address, number)) : .nothing
        }
    }

    /// Accepts as ``accept()``, but leaves the last descriptors of the process to other parts of the program.
    ///
    /// The first connection that takes one of them is accepted, because only its descriptor shows the shortage.
    func acceptUnlessShort() -> Accepted {
        if Self.isShort.load(ordering: .relaxed) {
            guard someoneWaits else { return .nothing }
            guard !hasReserveOnly else { return .failed(Self.cannotAccept(at: address, EMFILE)) }
            Self.isShort.store(false, ordering: .relaxed)
        }
        let accepted = accept()
        if case .connection(let descriptor, _) = accepted, Self.isOfReserve(descriptor) {
            Self.isShort.store(true, ordering: .relaxed)
        }
        return accepted
    }

    /// True if a connection of any listener has taken one of the last descriptors.
    private static let isShort = Atomic(false)

    /// The largest number of descriptors that are left to other parts of the program.
    ///
    /// libdispatch ends a process that has none, as soon as it looks at its threads.
    private static let maxReserve = 16

    /// The highest descriptor that was not one of the last when it was compared with the limit.
    private static let comparedMost = Atomic<Int32>(-1)

    /// True for one of the last descriptors: the system gives out the lowest free number.
    ///
    /// The limit is read only for a descriptor that is higher than all before it.
    private static func isOfReserve(_ descriptor: Int32) -> Bool {
        guard descriptor > comparedMost.load(ordering: .relaxed) else { return false }
        let limit = OpenFileLimit.current
        guard Int(descriptor) < limit - min(maxReserve, limit / 16) else { return true }
        comparedMost.store(descriptor, ordering: .relaxed)
        return false
    }

    /// True if only the last descriptors are free.
    private var hasReserveOnly: Bool {
        let lowest = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard lowest >= 0 else { return true }
        Glibc.close(lowest)
        return Self.isOfReserve(lowest)
    }

    /// True if a client waits to be accepted.
    private var someoneWaits: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) != 0
    }

    /// Makes the kernel ignore new clients, while finished handshakes can still be accepted.
    ///
    /// Otherwise a handshake might finish between the last `accept` and `close`, and its client would get a reset.
    /// Ignored clients try again after a second, and are refused then.
    func ignoreNewcomers() {
        // On a listening socket a packet begins with its TCP header. Its byte 13 has the flags.
        var program = [
            sock_filter(code: 0x30, jt: 0, jf: 0, k: 13),  // load the byte
            sock_filter(code: 0x54, jt: 0, jf: 0, k: 0x12),  // keep SYN and ACK of it
            sock_filter(code: 0x15, jt: 0, jf: 1, k: 0x02),  // SYN alone?
            sock_filter(code: 0x06, jt: 0, jf: 0, k: 0),  // drop
            sock_filter(code: 0x06, jt: 0, jf: 0, k: UInt32.max),  // keep whole
        ]
        program.withUnsafeMutableBufferPointer { instructions in
            var filter = sock_fprog(len: UInt16(instructions.count), filter: instructions.baseAddress)
            setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
        }
    }

    func close() {
        Glibc.close(descriptor)
    }

    /// Closes an accepted connection that cannot be used.
    func discard(_ accepted: Int32) {
        Glibc.close(accepted)
    }

    /// The largest number of bytes that the kernel holds and has not sent.
    ///
    /// Without this limit, the kernel holds megabytes for a client that reads slowly. Then the client's progress
    /// shows only after it has read a third of them.
    private static let maxUnsentBytes: Int32 = 128 * 1024

    /// Sets the options of the socket.
    ///
    /// Accepted connections inherit these options, which saves system calls for each connection.
    private static func configure(_ descriptor: Int32, _ requested: SocketAddress, family: Int32) {
        guard family != AF_UNIX else { return }
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, maxUnsentBytes)
        guard family == AF_INET6 else { return }
        set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, requested.isEvery ? 0 : 1)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// - Returns: nil if the system refused, or if the path is too long. `errno` has the reason.
    private static func listen(
        _ descriptor: Int32, _ requested: SocketAddress, family: Int32, backlog: Int32
    ) -> SocketAddress? {
        let wanted = requested.isEvery ? .all(port: UInt16(requested.port)) : requested
        guard let status = wanted.withSystemAddress(family: family, { bind(descriptor, $0, $1) }) else {
            errno = ENAMETOOLONG
            return nil
        }
        guard status == 0, Glibc.listen(descriptor, backlog) == 0 else { return nil }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let named = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard named == 0, let local = SocketAddress(storage) else { return nil }
        if case .file = requested.kind { return requested }
        return SocketAddress(requested.kind, port: UInt16(local.port))
    }

    private static func error(_ requested: SocketAddress) -> SocketError {
        let number = errno
        let advice: String? =
            switch SocketError.Code(errno: number) {
            case .addressInUse: advice(for: requested)
            case .addressNotAvailable: "no interface of this machine has that address"
            case .permissionDenied: "ports below 1024 need a privilege; choose a higher port"
            case .outOfResources: "raise the limit of open files"
            case _ where number == EINVAL:
                "a link-local address needs an interface, which you cannot write here; choose another address"
            case _ where number == EAFNOSUPPORT:
                "this machine lacks this family of addresses, IPv4 or IPv6; choose an address of the other family"
            default: nil
            }
        return SocketError(status: number, "cannot listen on \(requested)", advice: advice)
    }

    /// The advice for an address that is taken.
    private static func advice(for taken: SocketAddress) -> String {
        guard let holder = PortHolder.ofAddress(taken) else {
            return "another program already listens there; stop it or choose another port"
        }
        return holder.id == getpid()
            ? "this program already listens there; choose another port"
            : "'\(holder.name)' (process \(holder.id)) already listens there; stop it or choose another port"
    }

    private static func cannotAccept(at address: SocketAddress, _ number: Int32) -> SocketError {
        let isShort = SocketError.Code(errno: number) == .outOfResources
        return SocketError(
            status: number, "cannot accept connections on \(address) at the moment",
            advice: isShort ? "raise the limit of open files, or lower the limit of connections" : nil)
    }
}

extension SocketAddress {
    /// True if the address stands for all addresses of the machine, both IPv6 and IPv4.
    fileprivate var isEvery: Bool {
        switch kind {
        case .all: true
        case .version6(let address): address.isUnspecified
        case .version4, .name, .file: false
        }
    }

    /// The system's family of addresses for the socket.
    fileprivate var family: Int32 {
        switch kind {
        case .version6: isEvery ? AF_INET : AF_INET6
        case .file: AF_UNIX
        case .all, .version4, .name: AF_INET
        }
    }
}
