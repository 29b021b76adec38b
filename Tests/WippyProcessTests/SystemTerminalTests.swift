import Glibc
import Synchronization
import Testing
import WippyRuntime
import WippyTestTools

@testable import WippyProcess

@Suite("The program's standard streams", .timeLimit(.minutes(15)))
struct SystemTerminalTests {
    /// A terminal whose input is a pipe.
    private struct Piped: ~Copyable {
        let terminal: SystemTerminal
        private let outlet: Int32
        private let inlet: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (outlet, inlet) = (ends[0], ends[1])
            terminal = SystemTerminal(arguments: [], input: outlet)
        }

        func type(_ text: String) { #expect(write(inlet, text, text.utf8.count) == text.utf8.count) }

        func end() { close(inlet) }

        deinit { close(outlet) }
    }

    @Test("Lines come one by one, without their ends, and the last one needs no end")
    func lines() async throws {
        let piped = try Piped()
        piped.type("one\r\n\ntwo")
        piped.end()
        var lines: [String] = []
        while let line = try await piped.terminal.readLine() { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(lines == ["one", "", "two"])
    }

    @Test("One reader may take bytes that another one has searched for the end of its line")
    func twoReaders() async throws {
        let piped = try Piped()
        let terminal = piped.terminal
        piped.type("abcdef")
        let line = Task { try await terminal.readLine() }
        try await eventually("the reader of a line has read ahead") { terminal.ahead.withLock { $0.bytes.count } == 6 }
        #expect(try await terminal.read(atMost: 4) == Array("abcd".utf8))
        piped.type("g\n")
        #expect(try await line.value == Array("efg".utf8))
        piped.end()
    }

    @Test("An input that cannot be read is an error, and not its end")
    func unreadable() async throws {
        let folder = open("/", O_RDONLY)
        defer { close(folder) }
        let terminal = SystemTerminal(arguments: [], input: folder)
        let expected = "cannot read the input: Is a directory"
        let error = await #expect(throws: WippyError.self) { _ = try await terminal.read(atMost: 4) }
        #expect(error?.kind == .internal && error?.message == expected)
        let lineError = await #expect(throws: WippyError.self) { _ = try await terminal.readLine() }
        #expect(lineError?.message == expected)
    }
}
