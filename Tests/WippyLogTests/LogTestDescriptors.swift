import Glibc
import Synchronization

/// A system call that a test needs has failed.
struct TestSystemError: Error {
    var call: String
    var number = errno
}

/// A pipe whose reading end is read by lines, waiting at most a minute for each piece.
final class TestPipe: Sendable {
    private struct State {
        var readingEnd: Int32
        var writingEnd: Int32
        var unread: [UInt8] = []
    }

    private let state: Mutex<State>

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestSystemError(call: "pipe") }
        state = Mutex(State(readingEnd: ends[0], writingEnd: ends[1]))
    }

    deinit {
        closeReadingEnd()
        closeWritingEnd()
    }

    var writingEnd: Int32 { state.withLock { $0.writingEnd } }

    func closeReadingEnd() {
        state.withLock { state in
            if state.readingEnd >= 0 { close(state.readingEnd) }
            state.readingEnd = -1
        }
    }

    func closeWritingEnd() {
        state.withLock { state in
            if state.writingEnd >= 0 { close(state.writingEnd) }
            state.writingEnd = -1
        }
    }

    /// The next lines, without their line feeds; fewer only at the end of the pipe.
    func lines(count: Int) throws -> [String] {
        try state.withLock { state in
            var lines: [String] = []
            while lines.count < count {
                while let end = state.unread.firstIndex(of: UInt8(ascii: "\n")), lines.count < count {
                    lines.append(String(decoding: state.unread[..<end], as: UTF8.self))
                    state.unread.removeSubrange(...end)
                }
                if lines.count < count, try !TestPipe.read(&state) { break }
            }
            return lines
        }
    }

    func linesToEnd() throws -> [String] {
        try lines(count: .max)
    }

    /// Whether the pipe has ended and everything is read.
    func isAtEnd() throws -> Bool {
        try state.withLock { state in
            try state.unread.isEmpty && !TestPipe.read(&state)
        }
    }

    /// Reads a piece; false at the end.
    private static func read(_ state: inout State) throws -> Bool {
        var request = pollfd(fd: state.readingEnd, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, 60_000) == 1 else { throw TestSystemError(call: "poll") }
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(state.readingEnd, &piece, piece.count)
        guard count >= 0 else { throw TestSystemError(call: "read") }
        state.unread.append(contentsOf: piece[..<count])
        return count > 0
    }
}
