import CWippyUV
import Glibc

extension SocketAddress {
    /// Creates the address of a `sockaddr` of the system; nil for another family.
    ///
    /// An IPv6 socket shows an IPv4 address as `::ffff:1.2.3.4`, which becomes an IPv4 address. A client of a socket
    /// in the file system has no name, so its path is empty.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let address = withUnsafeBytes(of: &storage) { $0.loadUnaligned(as: sockaddr_in.self) }
            self.init(.version4(IPv4(bytes: address.sin_addr.s_addr)), port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            let address = withUnsafeBytes(of: &storage) { $0.loadUnaligned(as: sockaddr_in6.self) }
            let port = UInt16(bigEndian: address.sin6_port)
            let host = IPv6(address.sin6_addr, scope: address.sin6_scope_id)
            if let mapped = host.mapped {
                self.init(.version4(mapped), port: port)
            } else {
                self.init(.version6(host), port: port)
            }
        case AF_UNIX:
            self = .file("")
        default:
            return nil
        }
    }

    /// Calls `body` with the address as the system's `sockaddr`.
    ///
    /// - Parameter family: the family for "all addresses": `AF_INET6` or `AF_INET`.
    /// - Returns: nil if the host is a name, or if the path of a file is empty or too long.
    func withSystemAddress<Result>(
        family: Int32, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result? {
        switch kind {
        case .name:
            nil
        case .all where family == AF_INET6:
            Self.with(version6(IPv6(first: 0, second: 0)), body)
        case .all:
            Self.with(version4(IPv4(bytes: 0)), body)
        case .version4(let host):
            Self.with(version4(host), body)
        case .version6(let host):
            Self.with(version6(host), body)
        case .file(let path):
            Self.file(path).map { Self.with($0, body) }
        }
    }

    private static func file(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, !bytes.contains(0), bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            return nil
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }

    private func version4(_ host: IPv4) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = host.bytes
        return address
    }

    private func version6(_ host: IPv6) -> sockaddr_in6 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = UInt16(port).bigEndian
        address.sin6_scope_id = host.scope
        withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
            bytes.storeBytes(of: host.first, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: host.second, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    private static func with<Address, Result>(
        _ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafeBytes(of: address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { addresses in
                guard let address = addresses.baseAddress else { preconditionFailure("an address is never empty") }
                return body(address, socklen_t(bytes.count))
            }
        }
    }
}

extension SocketAddress.IPv4: CustomStringConvertible {
    init?(_ text: String) {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        bytes = address.s_addr
    }

    var description: String {
        let parts = withUnsafeBytes(of: bytes) { $0.map(String.init) }
        return parts.joined(separator: ".")
    }
}

extension SocketAddress.IPv6: CustomStringConvertible {
    init?(_ text: String) {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        self.init(address, scope: 0)
    }

    init(_ address: in6_addr, scope: UInt32) {
        (first, second) = withUnsafeBytes(of: address) {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.scope = scope
    }

    /// The IPv4 address in `::ffff:1.2.3.4`; nil for another address.
    var mapped: SocketAddress.IPv4? {
        guard first == 0, UInt64(bigEndian: second) >> 32 == 0xFFFF else { return nil }
        return SocketAddress.IPv4(bytes: UInt32(UInt64(bigEndian: second) & 0xFFFF_FFFF).bigEndian)
    }

    var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            guard let start = text.baseAddress else { return "" }
            let isWritten = withUnsafeBytes(of: (first, second)) {
                inet_ntop(AF_INET6, $0.baseAddress, start, socklen_t(text.count)) != nil
            }
            return isWritten ? String(cString: start) : ""
        }
    }
}
