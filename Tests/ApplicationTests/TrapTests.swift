import Foundation
import Testing
import Wippy
import WippyDefinition
import WippyRunningApplication
import WippyRuntime
import WippyTestClient
import WippyTesting

/// What a mistake in a program's own code says before it ends the program.
@Suite("Mistakes of a program", .timeLimit(.minutes(15)))
struct TrapTests {
    private func probe() async throws -> (ChildApplication, port: Int) {
        let child = try ChildApplication("WippyProbe", in: ChildApplication.project(of: "Tests/Probe/src"), ["run"])
        return (child, try await child.port())
    }

    private static let line = "in the code of probe:trap; the process ends"
    private static let poolLine = "in the code of probe:trap_on_pool; the process ends"
    private static let unknown = "outside of every entry's code; the process ends"

    @Test(
        "A trap says the signal and the entry, and the process ends by the signal",
        arguments: [
            ("/trap", SIGILL, "SIGILL \(line)"), ("/trap?where=child", SIGILL, "SIGILL \(line)"),
            ("/trap?where=later", SIGILL, "SIGILL \(line)"), ("/trap?where=task", SIGILL, "SIGILL \(line)"),
            ("/trap?where=stream", SIGILL, "SIGILL \(line)"),
            ("/trap?where=detached", SIGILL, "SIGILL \(unknown)"),
            ("/trap_on_pool", SIGILL, "SIGILL \(poolLine)"),
            ("/trap_on_pool?where=later", SIGILL, "SIGILL \(poolLine)"),
            ("/trap?how=abort", SIGABRT, "SIGABRT \(line)"), ("/trap?how=access", SIGSEGV, "SIGSEGV \(line)"),
            ("/trap?how=recursion", SIGSEGV, "SIGSEGV \(line)"),
            ("/trap_on_pool?how=recursion", SIGSEGV, "SIGSEGV \(poolLine)"),
        ])
    func trap(_ path: String, _ signal: Int32, _ line: String) async throws {
        let (child, port) = try await probe()
        // The connection ends without an answer.
        _ = try? await HTTPClient.send("GET", path, to: port)
        #expect(try await child.exitStatus() == -signal)
        #expect(child.output.split(separator: "\n").filter { $0.hasSuffix("the process ends") } == ["Error: \(line)"])
    }

    @Test("A stalled loop is told by the entry that held it up", arguments: ["ms=1500", "ms=1500&between"])
    func stall(_ query: String) async throws {
        let (child, port) = try await probe()
        async let other = HTTPClient.send("GET", "/wait?ms=2000", to: port)
        #expect(try await HTTPClient.send("GET", "/block?\(query)", to: port).status == 200)
        #expect(try await other.status == 200)
        child.signal(SIGTERM)
        #expect(try await child.exitStatus() == 0)
        let stalls = child.output.split(separator: "\n").filter { $0.contains("an event loop was held up") }
        // A busy machine may hold a loop up, too, for less than seconds.
        let long = stalls.filter { $0.contains(/duration=[\d.]+s/) }
        #expect(!long.isEmpty && long.allSatisfy { $0.contains("probe:block") }, "\(child.output)")
    }
}
