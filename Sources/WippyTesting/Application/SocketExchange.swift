import Glibc
import Synchronization
import Wippy
import WippyThreads

/// One request and its answer, on a connection of their own.
///
/// The exchange waits on its own thread. So it does not take a thread from other tests.
final class SocketExchange: Sendable {
    private let address: SocketAddress
    private let request: [UInt8]
    private let method: HTTPMethod
    /// The connection while it is open.
    private let descriptor = Mutex<Int32?>(nil)

    /// The longest wait for the next byte of the answer, in seconds.
    private static let patience = 60

    init(with address: SocketAddress, _ head: HTTPRequestHead, _ body: [UInt8]) {
        let length = body.isEmpty && ![.post, .put].contains(head.method) ? "" : "Content-Length: \(body.count)\r\n"
        let lines = head.fields.map { "\($0.name): \($0.value)\r\n" }.joined()
        let host = head.fields.contains(.host) ? "" : "Host: \(address)\r\n"
        let line = "\(head.method) \(head.requestTarget) HTTP/1.1\r\n"
        (self.address, method) = (address, head.method)
        request = Array("\(line)\(host)Connection: close\r\n\(length)\(lines)\r\n".utf8) + body
    }

    /// Sends the request and reads the whole answer.
    func response() async throws -> TestResponse {
        let bytes = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<[UInt8], any Error>) in
                do {
                    try SystemThread.start(name: "test-client", blocking: .all) { [self] in
                        continuation.resume(with: Result { try exchange() })
                    }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            descriptor.withLock { if let open = $0 { _ = shutdown(open, Int32(SHUT_RDWR)) } }
        }
        try Task.checkCancellation()
        guard let response = ResponseReader(bytes, to: method).response else {
            throw TestFailure("the answer from \(address) is cut off or malformed, after \(bytes.count) bytes")
        }
        return response
    }

    private func exchange() throws -> [UInt8] {
        let socket = try connected()
        defer {
            descriptor.withLock { $0 = nil }
            close(socket)
        }
        descriptor.withLock { $0 = socket }
        try send(on: socket)
        return try receive(from: socket)
    }

    private func connected() throws -> Int32 {
        let isVersion6 = address.host.utf8.contains(UInt8(ascii: ":"))
        let descriptor = socket(isVersion6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw failure("cannot make a socket") }
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var status: Int32
        let port = UInt16(truncatingIfNeeded: address.port).bigEndian
        if isVersion6 {
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = port
            unsafe inet_pton(AF_INET6, address.host, &name.sin6_addr)
            status = unsafe withUnsafePointer(to: &name) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        } else {
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port
            unsafe inet_pton(AF_INET, address.host.isEmpty ? "127.0.0.1" : address.host, &name.sin_addr)
            status = unsafe withUnsafePointer(to: &name) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        guard status == 0 else {
            defer { close(descriptor) }
            throw failure("there is no connection to \(address)")
        }
        return descriptor
    }

    private func send(on socket: Int32) throws {
        var rest = request[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server may answer and close before it has read the whole request.
            if count < 0, [EPIPE, ECONNRESET].contains(errno) { return }
            guard count >= 0 else { throw failure("cannot send the request to \(address)") }
            rest = rest.dropFirst(count)
        }
    }

    private func receive(from socket: Int32) throws -> [UInt8] {
        var received: [UInt8] = []
        while true {
            var number: Int32 = 0
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                let result = unsafe recv(socket, buffer.baseAddress, buffer.count, 0)
                number = result < 0 ? errno : 0
                count = max(result, 0)
            }
            if number == ECONNRESET, !received.isEmpty { return received }
            guard number == 0 else {
                errno = number
                throw failure("there is no answer from \(address)")
            }
            if piece.isEmpty { return received }
            received += piece
        }
    }

    private func failure(_ what: String) -> TestFailure {
        let number = errno
        let reason = number == EAGAIN ? "nothing arrived for \(Self.patience) seconds" : SystemError.words(for: number)
        return TestFailure("\(what): \(reason)")
    }
}

/// Parses an answer after its last byte has come.
private struct ResponseReader {
    let response: TestResponse?

    init(_ bytes: [UInt8], to method: HTTPMethod) {
        response = Self.response(in: bytes, to: method)
    }

    private static func response(in bytes: [UInt8], to method: HTTPMethod) -> TestResponse? {
        guard let end = endOfHead(bytes) else { return nil }
        let lines = bytes[..<end].split(separator: UInt8(ascii: "\n")).map { $0.last == 0x0d ? $0.dropLast() : $0 }
        let words = lines.first?.split(separator: UInt8(ascii: " ")).map(text) ?? []
        guard words.count > 1, let status = Int(words[1]), let code = HTTPStatus(code: status) else { return nil }
        var fields = HTTPFields()
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), let name = HTTPFieldName(text(line[..<colon])),
                (try? fields.append(name, text(line[(colon + 1)...]))) != nil
            else { return nil }
        }
        let rest = bytes[(end + 4)...]
        guard method != .head, !code.forbidsContent else {
            return TestResponse(status: status, fields: fields, body: [])
        }
        if fields[.transferEncoding] == "chunked" {
            return content(ofChunks: rest).map { TestResponse(status: status, fields: fields, body: $0) }
        }
        if let length = fields[.contentLength].flatMap({ Int($0) }), length != rest.count { return nil }
        return TestResponse(status: status, fields: fields, body: Array(rest))
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        return bytes.indices.first { bytes[$0...].starts(with: mark) }
    }

    private static func content(ofChunks bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var (rest, content) = (bytes, [UInt8]())
        while let lineEnd = rest.firstIndex(of: UInt8(ascii: "\r")) {
            guard let size = Int(text(rest[..<lineEnd]), radix: 16), size >= 0 else {
                return nil
            }
            if size == 0 { return content }
            rest = rest[lineEnd...].dropFirst(2)
            guard rest.count >= size + 2 else { return nil }
            content += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
        return nil
    }
}
