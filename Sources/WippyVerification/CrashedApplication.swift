import Glibc
import Synchronization
import WippyCommandLine
import WippyDefinition
import WippyRuntime
import WippyText
import WippyThreads
import WippyValues

/// The application as a child process that is killed.
final class CrashedApplication: Sendable {
    /// The environment variable with the process that tests, a space, and the instructions for its child process.
    private static let variable = "WIPPY_CRASH_TEST"

    /// Returns the test of this process; nil if this process is not under test.
    ///
    /// Only a child of the process that the variable names is under test. So a variable that stays in an environment
    /// by accident has no effect.
    static func testOfThisProcess() -> CrashTest? {
        guard let value = unsafe getenv(variable).map({ unsafe String(cString: $0) }) else { return nil }
        let parts = value.unicodeScalars.split(separator: " ").map(String.init)
        guard parts.count == 2, parts[0] == "\(getppid())" else { return nil }
        return CrashTest(parts[1])
    }

    private struct State {
        /// The ports of the servers that listen; nil until the application is ready.
        var ports: [ExactText: Int]?
        var claimedAgain: ContinuousClock.Instant?
        var hasEnded = false
        var lastLines: [String] = []
    }

    let id: pid_t
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    /// Starts this program's `run`.
    ///
    /// - Parameter test: `claimed:7` if the process must die when the seventh message is claimed; `none` if it must not
    ///   die by itself.
    init(_ arguments: [String], test: String) throws {
        let (outlet, inlet) = try Pipe.make(isBlocking: true)
        unsafe setenv(Self.variable, "\(getpid()) \(test)", 1)
        defer { unsafe unsetenv(Self.variable) }
        do throws(CommandError) {
            id = try ChildPrograms.spawn(["/proc/self/exe", "run", "--json"] + arguments, output: inlet, errors: inlet)
        } catch {
            close(outlet)
            close(inlet)
            throw error
        }
        close(inlet)
        try SystemThread.start(name: "crash-log", blocking: .all) { [self] in read(outlet) }
    }

    /// True if the application was ready.
    var isStarted: Bool { state.withLock { $0.ports != nil } }

    /// True if the process has ended.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// The time from the start to the first message that was claimed again; nil if no message was.
    var timeUntilClaimedAgain: Duration? { state.withLock { $0.claimedAgain.map { $0 - start } } }

    /// The last lines that the process has printed.
    var lastLines: String { state.withLock { $0.lastLines.joined(separator: "\n") } }

    /// Returns the port on which a server listened when the application was ready; nil if it did not listen.
    func port(of server: EntryID) -> Int? { state.withLock { $0.ports?[ExactText(server.description)] } }

    /// Waits until the application is ready, its process has ended, or a minute has passed.
    func waitForStart() async throws {
        try await wait(atMost: .seconds(60)) {
            var servers: [CrashControl.Server] = []
            // The process cannot be asked before it has opened its socket, and after its end.
            try? RunningApplication(process: id).ask(CrashControl.servers, maxWaiting: .seconds(5)) {
                servers.append(CrashControl.Server($0))
            }
            guard servers.contains(where: \.isReady) else { return false }
            let ports = servers.compactMap { server in server.port.map { (server.id, $0) } }
            state.withLock { $0.ports = Dictionary(uniqueKeysWithValues: ports) }
            return true
        }
    }

    /// Waits until a condition holds, the program has ended, or the time is up.
    func wait(atMost time: Duration, until condition: () -> Bool = { false }) async throws {
        let end = ContinuousClock.now + time
        while !condition(), !hasEnded, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Sends a signal to the process, and waits until it has ended.
    func kill(_ signal: Int32 = SIGKILL) async throws {
        if !hasEnded { Glibc.kill(id, signal) }
        try await wait(atMost: .seconds(60))
    }

    /// Reads the log to its end.
    ///
    /// The log ends when the process ends.
    private func read(_ outlet: Int32) {
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var request = pollfd(fd: outlet, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&request, 1, -1)
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(outlet, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { break }
            rest += buffer[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                note(Array(rest[..<end]))
                rest.removeSubrange(...end)
            }
        }
        close(outlet)
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
        state.withLock { $0.hasEnded = true }
    }

    private func note(_ line: [UInt8]) {
        let record = (try? JSON.decode(line))?.map ?? [:]
        state.withLock { state in
            state.lastLines = state.lastLines.suffix(9) + [String(decoding: line, as: UTF8.self)]
            if record["message"]?.string == CrashTest.lineOfRepeatedClaim {
                state.claimedAgain = state.claimedAgain ?? .now
            }
        }
    }
}
