import Foundation
import Synchronization
import Testing
import WippyLog
import WippyRuntime
import WippyTestClient
import WippyTestTools
import WippyValues

@testable import WippyCommandLine

@Suite("The control socket", .timeLimit(.minutes(15)))
struct ControlServerTests {
    /// Answers `count` with so many values, `crowd` with values that it sends at once, and waits for ever otherwise.
    private struct Counting: ControlService {
        static let name = "test"

        init(_ registry: Registry) {}

        func handle(_ request: ControlRequest, _ answer: ControlAnswer) async throws {
            switch request.action {
            case "count":
                let text = Value.string(String(repeating: "x", count: request.arguments["size"]?.integer ?? 0))
                for number in 0..<(request.arguments["count"]?.integer ?? 0) {
                    try await answer.send([.integer(number), text])
                }
            case "crowd":
                let text = Value.string(String(repeating: "x", count: 2_000_000))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<8 { group.addTask { try await answer.send([.integer(number), text]) } }
                    try await group.waitForAll()
                }
            case "fail": throw WippyError(.unavailable, "it is closed", isRetryable: true)
            default:
                do {
                    try await Task.sleep(for: .seconds(3600))
                } catch {
                    let name = request.arguments["name"]?.string ?? ""
                    _ = ControlServerTests.cancelled.withLock { $0.insert(name) }
                    throw error
                }
            }
        }
    }

    /// The names of the requests whose tasks were cancelled.
    private static let cancelled = Mutex<Set<String>>([])

    private let temporary: TemporaryFolder
    private let folder: ControlFolder
    private let log = LogRecorder()

    init() throws {
        temporary = try TemporaryFolder()
        folder = ControlFolder(path: temporary.file("project/.wippy/run"))
        try FileManager.default.createDirectory(atPath: temporary.file("project"), withIntermediateDirectories: false)
    }

    private func withServer(of id: pid_t = 1, _ body: (ControlServer) async throws -> Void) async throws {
        let server = try #require(
            await ControlServer.open(in: folder, of: id, services: [Counting(Registry())], log: Log(to: log)))
        do {
            try await body(server)
        } catch {
            await server.close()
            throw error
        }
        await server.close()
    }

    private func ask(_ request: ControlRequest, of id: pid_t = 1) async throws -> [Value] {
        try await onThread { [folder] in
            var values: [Value] = []
            try RunningApplication(process: id, in: folder).ask(request) { values.append($0) }
            return values
        }
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test("A request is answered by values and an end, however much they are, or by an error")
    func answers() async throws {
        try await withServer { _ async throws in
            #expect(
                try await ask(ControlRequest(Counting.self, action: "count", arguments: ["count": 3])).map {
                    $0.list?.first
                } == [0, 1, 2])
            let large = ControlRequest(Counting.self, action: "count", arguments: ["count": 300, "size": 10_000])
            #expect(try await ask(large).count == 300)
            await #expect { try await ask(ControlRequest(Counting.self, action: "fail")) } throws: {
                "\($0)" == "it is closed"
            }
            await #expect {
                try await ask(ControlRequest(service: "other", action: "count"))
            } throws: {
                "\($0)" == "this application does not know the request 'other.count'"
            }
            let long = ControlRequest(
                Counting.self, action: "count", arguments: ["x": .string(String(repeating: "x", count: 100_000))])
            await #expect(throws: ControlError.self) { try await ask(long) }
            #expect(throws: ControlError.self) { try ControlRequest(line: Array("{\"queue\":1}".utf8)) }
        }
    }

    @Test("Values that a service sends at once all arrive, and each call ends")
    func crowd() async throws {
        try await withServer { _ async throws in
            let numbers = try await ask(ControlRequest(Counting.self, action: "crowd")).compactMap { $0.list?.first }
            #expect(numbers.compactMap(\.integer).sorted() == Array(0..<8))
        }
    }

    @Test("A command that waits longer than it wants to is told so, and the work for it is cancelled")
    func silence() async throws {
        try await withServer { _ async throws in
            await #expect {
                try await onThread { [folder] in
                    let running = RunningApplication(process: nil, in: folder)
                    let request = ControlRequest(Counting.self, action: "wait", arguments: ["name": "silent"])
                    try running.ask(request, maxWaiting: .milliseconds(20)) { _ in }
                }
            } throws: {
                "\($0)" == "the process 1 did not answer within 20ms"
            }
            try await eventually("cancelled") { Self.cancelled.withLock { $0.contains("silent") } }
        }
    }

    @Test("The process to ask is the only one, or the chosen one")
    func choice() async throws {
        func process(_ chosen: pid_t? = nil) throws -> pid_t? {
            try RunningApplication(process: chosen, in: folder).process()
        }
        #expect(try process() == nil)
        #expect { try process(3) } throws: { "\($0)" == "the process 3 does not run this project; no process does" }
        await #expect {
            try await onThread { [folder] in
                let request = ControlRequest(Counting.self, action: "count")
                try RunningApplication(process: nil, in: folder).ask(request) { _ in }
            }
        } throws: {
            "\($0)" == "no process runs this project: start it with 'run'"
        }
        try await withServer(of: 1) { _ async throws in
            #expect(try process() == 1)
            try await withServer(of: 2) { _ async throws in
                #expect(try process(2) == 2)
                #expect { try process() } throws: {
                    "\($0)" == "several processes run this project; choose one with '--pid': 1, 2"
                }
                #expect { try process(3) } throws: {
                    "\($0)" == "the process 3 does not run this project; these do: 1, 2"
                }
            }
        }
    }

    @Test("Only its user reaches it, and it is gone when the application has ended")
    func reach() async throws {
        try await withServer(of: 7) { _ async throws in
            #expect(try mode(folder.path) == 0o700)
            #expect(try mode(folder.socket(of: 7)) == 0o600)
            #expect(folder.processes() == [7])
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        #expect(log.records.isEmpty)
    }

    @Test("The socket of a process that was killed is removed by the next, and that of one that lives is not")
    func leftOver() async throws {
        try folder.make()
        let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: folder.socket(of: 5).utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        close(left)
        try await withServer(of: 1) { _ async throws in
            try await withServer(of: 2) { _ async throws in
                #expect(folder.processes() == [1, 2])
                let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                #expect(names.sorted() == ["1.sock", "2.sock"])
            }
            #expect(folder.processes() == [1])
        }
    }

    @Test("Where it cannot be made the application goes on without it, and the log says so")
    func refused() async throws {
        try "no folder".write(toFile: temporary.file("project/.wippy"), atomically: true, encoding: .utf8)
        #expect(await ControlServer.open(in: folder, services: [], log: Log(to: log)) == nil)
        #expect(
            log.records.map(\.message.description) == [
                "the application has no control socket, so commands cannot ask it"
            ])
    }

    @Test("What is being answered ends with the application")
    func ending() async throws {
        let (asked, continuation) = AsyncStream<Void>.makeStream()
        try await withServer { server in
            let path = folder
            let asking = Task {
                try await onThread {
                    let client = try ControlClient(of: 1, in: path)
                    continuation.yield()
                    try client.ask(ControlRequest(Counting.self, action: "wait")) { _ in }
                }
            }
            for await _ in asked { break }
            await server.close()
            let result = await asking.result
            #expect(throws: ControlError.self) { try result.get() }
        }
    }
}
