import EventLoops
import Glibc

/// A blocking client that sends bytes as they are; every wait ends after 20 seconds with an error.
///
/// `@unchecked Sendable`: used by one thread after another.
final class TestClient: @unchecked Sendable {
    private let descriptor: Int32
    private var received: [UInt8] = []

    /// The system's number for what went wrong.
    struct Failure: Error, Equatable {
        let errno: Int32
    }

    /// A response as it came.
    struct Response: Equatable {
        var status = 0
        /// Every line but the status line.
        var fields: [String] = []
        var body = ""

        func has(_ field: String) -> Bool { fields.contains(field) }
    }

    /// - Parameter receiveBuffer: How much the system may hold for a client that does not read.
    init(to address: SocketAddress, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var atOnce: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &atOnce, socklen_t(MemoryLayout<Int32>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var peer = sockaddr_in()
        peer.sin_family = sa_family_t(AF_INET)
        peer.sin_port = UInt16(address.port).bigEndian
        peer.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(errno: errno) }
    }

    deinit {
        close(descriptor)
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

    /// Sends pieces of one, two and three bytes in turn, as far as the server takes them.
    func drip(_ bytes: [UInt8]) {
        var start = 0
        var length = 1
        while start < bytes.count {
            let end = min(start + length, bytes.count)
            guard (try? send(Array(bytes[start..<end]))) != nil else { return }
            start = end
            length = length % 3 + 1
        }
    }

    /// The next bytes; none at the peer's end.
    func receive() throws -> [UInt8] {
        var failure: Failure?
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            let result = recv(descriptor, buffer.baseAddress, 65_536, 0)
            if result < 0 { failure = Failure(errno: errno) }
            count = max(result, 0)
        }
        if let failure { throw failure }
        return bytes
    }

    /// Everything up to the peer's end.
    func receiveToEnd() throws -> String {
        while case let bytes = try receive(), !bytes.isEmpty { received += bytes }
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// The next response, its chunks joined; nil at the peer's end.
    func response(hasBody: Bool = true) throws -> Response? {
        guard let head = try line(endingWith: "\r\n\r\n") else { return nil }
        var lines = head.split(separator: "\r\n").map(String.init)
        let status = Int(lines.removeFirst().split(separator: " ")[1]) ?? 0
        var response = Response(status: status, fields: lines)
        guard hasBody, status >= 200, status != 204, status != 304 else { return response }
        if response.has("Transfer-Encoding: chunked") {
            while let size = try line(endingWith: "\r\n").flatMap({ Int($0, radix: 16) }) {
                response.body += try take(size)
                _ = try take(2)
                if size == 0 { break }
            }
        } else if let length = lines.first(where: { $0.hasPrefix("Content-Length: ") }) {
            response.body = try take(Int(length.dropFirst(16)) ?? 0)
        } else {
            response.body = try receiveToEnd()
        }
        return response
    }

    /// Sends a request and returns its response.
    func exchange(_ text: String) throws -> Response? {
        try send(text)
        return try response()
    }

    private func line(endingWith end: String) throws -> String? {
        let end = Array(end.utf8)
        var searched = 0
        while true {
            while searched + end.count <= received.count {
                if received[searched..<searched + end.count].elementsEqual(end) {
                    defer { received.removeFirst(searched + end.count) }
                    return String(decoding: received[..<searched], as: UTF8.self)
                }
                searched += 1
            }
            let more = try receive()
            if more.isEmpty { return nil }
            received += more
        }
    }

    private func take(_ count: Int) throws -> String {
        while received.count < count, case let more = try receive(), !more.isEmpty { received += more }
        let count = min(count, received.count)
        defer { received.removeFirst(count) }
        return String(decoding: received[..<count], as: UTF8.self)
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Breaks the connection off with RST.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        // The descriptor stays ours until `deinit`; connecting to "no address" resets as closing would.
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
