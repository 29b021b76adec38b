package import EventLoops
import Glibc

/// A blocking TCP client that sends bytes as they are; every wait ends after a minute with an error.
///
/// `@unchecked Sendable`: one thread at a time receives, and all else is the system's, which locks its own.
package final class TestClient: @unchecked Sendable {
    private let descriptor: Int32
    /// What has come and was not taken.
    private var received: [UInt8] = []

    /// The system's number for what went wrong.
    package struct Failure: Error, Equatable {
        package let errno: Int32

        package init(errno: Int32) {
            self.errno = errno
        }
    }

    /// - Parameters:
    ///   - receiveBuffer: How much the system may hold for a client that does not read.
    ///   - prepare: Runs when the client has its descriptor and has not connected.
    package init(to address: SocketAddress, receiveBuffer: Int32? = nil, prepare: () -> Void = {}) throws {
        let isVersion6 = address.host.contains(":")
        descriptor = socket(isVersion6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        let limit = timeval(tv_sec: 60, tv_usec: 0)
        set(SOL_SOCKET, SO_RCVTIMEO, limit)
        set(SOL_SOCKET, SO_SNDTIMEO, limit)
        set(Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
        if let receiveBuffer { set(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        prepare()
        let status = isVersion6 ? connectVersion6(port: address.port) : connectVersion4(port: address.port)
        // Complete by now, so `deinit` closes the descriptor.
        guard status == 0 else { throw Failure(errno: errno) }
    }

    deinit {
        close(descriptor)
    }

    private func set<Value>(_ level: Int32, _ option: Int32, _ value: Value) {
        withUnsafeBytes(of: value) {
            _ = setsockopt(descriptor, level, option, $0.baseAddress, socklen_t($0.count))
        }
    }

    private func connectVersion4(port: Int) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func connectVersion6(port: Int) -> Int32 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = UInt16(port).bigEndian
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }

    package func send(_ text: String) throws { try send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count >= 0 else { throw Failure(errno: errno) }
            sent += count
        }
    }

    /// Sends pieces of one, two and three bytes in turn, as far as the server takes them.
    package func drip(_ bytes: [UInt8]) {
        var start = 0
        var length = 1
        while start < bytes.count {
            let end = min(start + length, bytes.count)
            guard (try? send(Array(bytes[start..<end]))) != nil else { return }
            start = end
            length = length % 3 + 1
        }
    }

    /// Exactly that many bytes, fewer only if the peer's end comes before.
    package func receive(exactly count: Int) throws -> [UInt8] {
        while received.count < count, try receiveMore() {}
        return take(count)
    }

    /// Everything up to the peer's end.
    package func receiveToEnd() throws -> [UInt8] { try receive(exactly: .max) }

    /// Everything up to the peer's end, as text.
    package func receiveTextToEnd() throws -> String { String(decoding: try receiveToEnd(), as: UTF8.self) }

    /// What comes up to and with an end, without it; nil if the peer's end comes before.
    package func receiveText(upTo end: String) throws -> String? {
        let end = Array(end.utf8)
        var searched = 0
        while true {
            while searched + end.count <= received.count {
                if received[searched..<searched + end.count].elementsEqual(end) {
                    return String(decoding: take(searched + end.count).dropLast(end.count), as: UTF8.self)
                }
                searched += 1
            }
            guard try receiveMore() else { return nil }
        }
    }

    /// Waits for the next bytes; false at the peer's end.
    private func receiveMore() throws -> Bool {
        let bytes = try [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            let result = recv(descriptor, buffer.baseAddress, 65_536, 0)
            guard result >= 0 else { throw Failure(errno: errno) }
            count = result
        }
        received += bytes
        return !bytes.isEmpty
    }

    private func take(_ count: Int) -> [UInt8] {
        let taken = Array(received.prefix(count))
        received.removeFirst(taken.count)
        return taken
    }

    /// Sends the text and returns as much as that of what comes back.
    package func echo(_ text: String) throws -> String {
        try send(text)
        return String(decoding: try receive(exactly: text.utf8.count), as: UTF8.self)
    }

    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Breaks the connection off with RST.
    package func reset() {
        set(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
        // The descriptor must stay ours until `deinit`; connecting to "no address" resets as closing would.
        var nowhere = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }
}
