import Foundation
import Testing
import WippyRuntime
import WippyTesting

@testable import WippyCommandLine

@Suite("What systemd is told", .timeLimit(.minutes(15)))
struct NotifySocketTests {
    @Test("A program says when it is ready and when it stops, and asks for time while it starts")
    func stages() async throws {
        let folder = try TemporaryFolder()
        let listener = try DatagramListener(path: folder.file("notify"))
        let socket = try #require(NotifySocket(named: listener.path))
        let (stages, continuation) = AsyncStream<ApplicationStage>.makeStream()
        for stage in [ApplicationStage.idle, .starting, .starting, .started, .stopping, .ended] {
            continuation.yield(stage)
        }
        continuation.finish()
        await socket.follow(stages)
        let extended = "EXTEND_TIMEOUT_USEC=15000000"
        #expect(try (0..<4).map { _ in try listener.next() } == [extended, extended, "READY=1", "STOPPING=1"])
    }

    @Test("The application of this repository tells whoever NOTIFY_SOCKET names")
    func program() async throws {
        let folder = try ChildApplication.project()
        let listener = try DatagramListener(path: folder.file("notify"))
        let application = try ChildApplication(
            in: folder, ["run", "-o", "app:gateway:addr=127.0.0.1:0"], environment: ["NOTIFY_SOCKET": listener.path])
        #expect(try listener.next() == "EXTEND_TIMEOUT_USEC=15000000")
        #expect(try listener.next() == "READY=1")
        _ = try await application.port()
        application.signal(SIGTERM)
        #expect(try listener.next() == "STOPPING=1")
        #expect(try await application.exitStatus() == 0)
    }

    @Test("A name that cannot be meant is nobody", arguments: ["", "x", "/", String(repeating: "/x", count: 100)])
    func nobody(_ name: String) {
        #expect(NotifySocket(named: name) == nil)
    }

    @Test("Whoever is not there any more is told nothing, and nothing fails")
    func gone() throws {
        let folder = try TemporaryFolder()
        try #require(NotifySocket(named: folder.file("nowhere"))).tell("READY=1")
    }
}

/// A socket that datagrams come to.
private final class DatagramListener: Sendable {
    let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// The next datagram.
    func next() throws -> String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        try #require(count > 0)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
