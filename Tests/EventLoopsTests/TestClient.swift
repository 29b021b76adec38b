import EventLoops
import Glibc
import Synchronization

/// A blocking TCP client; every wait ends after 20 seconds with an error.
///
/// `@unchecked Sendable`: it has no mutable state but the system's, which locks its own.
final class TestClient: @unchecked Sendable {
    private let descriptor: Int32

    /// The system's number for what went wrong.
    struct Failure: Error, Equatable {
        let errno: Int32
    }

    /// - Parameters:
    ///   - receiveBuffer: How much the system may hold for a client that does not read.
    ///   - prepare: Runs when the client has its descriptor and has not connected.
    init(to address: SocketAddress, receiveBuffer: Int32? = nil, prepare: () -> Void = {}) throws {
        let isVersion6 = address.host.contains(":")
        descriptor = socket(isVersion6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        prepare()
        let status = isVersion6 ? connectVersion6(port: address.port) : connectVersion4(port: address.port)
        // Complete by now, so `deinit` closes the descriptor.
        guard status == 0 else { throw Failure(errno: errno) }
    }

    deinit {
        close(descriptor)
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

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count >= 0 else { throw Failure(errno: errno) }
            sent += count
        }
    }

    /// The next bytes, at most `limit`; none at the peer's end.
    func receive(atMost limit: Int = 65_536) throws -> [UInt8] {
        var failure: Failure?
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let received = recv(descriptor, buffer.baseAddress, limit, 0)
            if received < 0 { failure = Failure(errno: errno) }
            count = max(received, 0)
        }
        if let failure { throw failure }
        return bytes
    }

    /// Exactly that many bytes, fewer only if the peer's end comes before.
    func receive(exactly count: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let some = try receive(atMost: min(count - all.count, 65_536))
            if some.isEmpty { break }
            all += some
        }
        return all
    }

    /// Everything up to the peer's end.
    func receiveToEnd() throws -> [UInt8] { try receive(exactly: .max) }

    /// Sends the text and returns as much as that of what comes back.
    func echo(_ text: String) throws -> String {
        try send(text)
        return String(decoding: try receive(exactly: text.utf8.count), as: UTF8.self)
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Breaks the connection off with RST.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        // The descriptor must stay ours until `deinit`; connecting to "no address" resets as closing would.
        var nowhere = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }
}

/// Runs what blocks on a thread of its own, so that tests do not hold each other up.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
        let start = Unmanaged.passRetained(ThreadStart { continuation.resume(with: Result { try body() }) })
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, start.toOpaque())
        if status == 0 {
            pthread_detach(thread)
        } else {
            start.release()
            continuation.resume(throwing: TestClient.Failure(errno: status))
        }
    }
}

private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}
