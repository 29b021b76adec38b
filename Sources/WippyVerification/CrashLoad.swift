import Glibc
import Synchronization
import WippyDefinition
import WippyText
import WippyThreads

/// The clients of an application that is killed.
///
/// Each client posts one request after another, and remembers the accepted requests. Each request has its own id.
final class CrashLoad: Sendable {
    /// A request that is posted again and again.
    struct Endpoint: Sendable {
        let server: EntryID
        let path: String
        let body: [UInt8]
    }

    private static let clients = 8
    private static let patience = timeval(tv_sec: 5, tv_usec: 0)

    private struct State {
        /// The ports to post to, one for each endpoint; empty while the application is down.
        var ports: [Int] = []
        /// The number of requests that may still be sent to this process.
        var allowance = 0
        var next = 0
        var isOver = false
        var accepted: [String] = []
        var refusal: Int?
        var clientsLeft = 0
    }

    private let endpoints: [Endpoint]
    private let prefix: String
    private let state = Mutex(State())

    init(_ endpoints: [Endpoint], seed: UInt64) throws {
        self.endpoints = endpoints
        prefix = "verify-\(seed)-"
        for _ in 0..<Self.clients {
            state.withLock { $0.clientsLeft += 1 }
            try SystemThread.start(name: "crash-client", blocking: .all) { [self] in run() }
        }
    }

    /// The ids of the requests that were accepted.
    var accepted: [String] { state.withLock { $0.accepted } }

    /// The status of the last answer that accepted no request; nil if there was none.
    var refusal: Int? { state.withLock { $0.refusal } }

    /// Lets the clients post a number of requests to the application at the given ports.
    func begin(at ports: [Int], atMost allowance: Int) {
        state.withLock { ($0.ports, $0.allowance) = (ports, allowance) }
    }

    /// Lets the clients post nothing.
    func pause() { state.withLock { $0.ports = [] } }

    /// Ends the clients, and returns when they have ended.
    func end() async throws {
        state.withLock { $0.isOver = true }
        while state.withLock({ $0.clientsLeft }) > 0 { try await Task.sleep(for: .milliseconds(1)) }
    }

    private enum Work {
        case post(Endpoint, port: Int, id: String)
        case nothing
        case end
    }

    private func run() {
        while true {
            let work = state.withLock { state -> Work in
                if state.isOver { return .end }
                guard !state.ports.isEmpty, state.allowance > 0 else { return .nothing }
                state.allowance -= 1
                state.next += 1
                let place = state.next % endpoints.count
                return .post(endpoints[place], port: state.ports[place], id: "\(prefix)\(state.next)")
            }
            switch work {
            case .end: return state.withLock { $0.clientsLeft -= 1 }
            case .nothing: usleep(1000)
            case .post(let endpoint, let port, let id):
                guard let status = Self.post(endpoint, port: port, id: id) else {
                    usleep(1000)
                    continue
                }
                state.withLock { state in
                    if (200..<300).contains(status) { state.accepted.append(id) } else { state.refusal = status }
                }
            }
        }
    }

    /// Posts one request on a connection of its own.
    ///
    /// - Returns: the status of the answer; nil if no whole answer came.
    private static func post(_ endpoint: Endpoint, port: Int, id: String) -> Int? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            var patience = patience
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let head =
            "POST \(endpoint.path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "X-Request-Id: \(id)\r\nConnection: close\r\nContent-Length: \(endpoint.body.count)\r\n\r\n"
        guard status == 0, send(Array(head.utf8) + endpoint.body, to: descriptor) else { return nil }
        return self.status(of: answer(from: descriptor))
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func answer(from descriptor: Int32) -> [UInt8] {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return answer }
            answer += buffer[..<count]
        }
    }

    private static func status(of answer: [UInt8]) -> Int? {
        let text = String(decoding: answer, as: UTF8.self)
        guard text.containsExactly("\r\n\r\n") else { return nil }
        let words = text.unicodeScalars.prefix(64).split(separator: " ", maxSplits: 2)
        return words.count > 1 ? Int(String(words[1])) : nil
    }
}
