import CWippyUV
import Glibc
import WippyThreads

extension SocketAddress {
    /// Looks the name up, and returns an IP address with the same port.
    ///
    /// An address without a name is returned unchanged.
    ///
    /// If the name has several addresses, the method returns the first IPv4 address, or the first of all if none is
    /// IPv4. Each look-up has a thread of its own, because the system's resolver blocks. Cancellation has no effect.
    ///
    /// - Throws: `SocketError` with the code `unknownHost` when the name has no address or cannot be looked up; with
    ///   another code when the resolver's thread cannot be started.
    public func resolved() async throws(SocketError) -> SocketAddress {
        guard case .name(let name) = kind else { return self }
        let port = UInt16(self.port)
        let result: Result<SocketAddress, SocketError> = await withCheckedContinuation { continuation in
            do throws(SystemThreadError) {
                try SystemThread.start(name: "resolver", blocking: .all) {
                    continuation.resume(returning: Self.lookUp(name, port: port))
                }
            } catch {
                continuation.resume(returning: .failure(SocketError(error)))
            }
        }
        return try result.get()
    }

    private static func lookUp(_ name: String, port: UInt16) -> Result<SocketAddress, SocketError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }

        var first: SocketAddress?
        var next = status == 0 ? list : nil
        while let entry = next {
            next = entry.pointee.ai_next
            guard let found = address(entry.pointee, port: port) else { continue }
            if case .version4 = found.kind { return .success(found) }
            first = first ?? found
        }
        if let first { return .success(first) }
        let reason = status == 0 ? "it has no address" : String(cString: gai_strerror(status))
        return .failure(SocketError(.unknownHost, "cannot look up the host \"\(name)\": \(reason)"))
    }

    private static func address(_ entry: addrinfo, port: UInt16) -> SocketAddress? {
        let length = Int(entry.ai_addrlen)
        guard let address = entry.ai_addr, length <= MemoryLayout<sockaddr_storage>.size else { return nil }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: length))
        }
        guard let found = SocketAddress(storage) else { return nil }
        return SocketAddress(found.kind, port: port)
    }
}
