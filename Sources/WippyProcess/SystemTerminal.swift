import Glibc
import Synchronization
import WippyRuntime
import WippySystem
import WippyThreads

/// The standard streams of the program.
///
/// Calls that would block the caller's thread run on threads of their own.
final class SystemTerminal: Terminal {
    let arguments: [String]

    /// The bytes that have been read, but not returned yet.
    struct Ahead {
        fileprivate(set) var bytes: [UInt8] = []
        /// The number of bytes that were returned.
        fileprivate var returned = 0

        fileprivate mutating func take(_ count: Int) -> [UInt8] {
            let taken = Array(bytes.prefix(count))
            bytes.removeFirst(taken.count)
            returned += taken.count
            return taken
        }
    }

    let ahead = Mutex(Ahead())
    private let input: Int32

    /// - Parameter input: the descriptor that is read. Default: standard input.
    init(arguments: [String], input: Int32 = STDIN_FILENO) {
        self.arguments = arguments
        self.input = input
    }

    func write(_ bytes: [UInt8], toError isError: Bool) async throws {
        let descriptor = isError ? STDERR_FILENO : STDOUT_FILENO
        var stream = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // A pipe that can be written takes this many bytes without waiting.
        let isReady = unsafe bytes.count <= Int(PIPE_BUF) && poll(&stream, 1, 0) == 1
        let problem =
            isReady ? Self.write(bytes, to: descriptor) : try await Self.onThread { Self.write(bytes, to: descriptor) }
        if let problem {
            throw WippyError(
                .internal, "cannot write the output: \(SystemError.words(for: problem))", isRetryable: false)
        }
    }

    /// - Returns: the system's number of the error; nil if all bytes are written.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        unsafe bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = unsafe Glibc.write(
                    descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
                if count > 0 { written += count } else if errno != EINTR { return errno }
            }
            return nil
        }
    }

    func read(atMost count: Int) async throws -> [UInt8] {
        let known = ahead.withLock { $0.take(count) }
        if !known.isEmpty { return known }
        return try await readMore(atMost: count)
    }

    func readLine() async throws -> [UInt8]? {
        // Another reader may take bytes between two searches, so places are counted from the begin of the input.
        var searched = 0
        while true {
            let (line, count) = ahead.withLock { ahead -> ([UInt8]?, Int) in
                let unsearched = ahead.bytes[max(searched - ahead.returned, 0)...]
                guard let end = unsearched.firstIndex(of: UInt8(ascii: "\n")) else {
                    searched = ahead.returned + ahead.bytes.count
                    return (nil, ahead.bytes.count)
                }
                return (ahead.take(end + 1).dropLast(), 0)
            }
            if let line { return line.last == UInt8(ascii: "\r") ? line.dropLast() : line }
            guard count <= Self.maxLineBytes else {
                throw WippyError(.invalid, "the line is longer than \(Self.maxLineBytes) bytes", isRetryable: false)
            }
            let more = try await readMore(atMost: 4096)
            ahead.withLock { $0.bytes += more }
            guard more.isEmpty else { continue }
            let rest = ahead.withLock { $0.take($0.bytes.count) }
            return rest.isEmpty ? nil : rest
        }
    }

    private static let maxLineBytes = 1 << 20

    /// Reads bytes from the input itself.
    private func readMore(atMost count: Int) async throws -> [UInt8] {
        let result = try await Self.onThread { [input] in Self.read(atMost: count, from: input) }
        switch result {
        case .success(let bytes): return bytes
        case .failure(let problem):
            throw WippyError(.internal, "cannot read the input: \(problem.words)", isRetryable: false)
        }
    }

    private static func read(atMost count: Int, from input: Int32) -> Result<[UInt8], ReadError> {
        var bytes = [UInt8](repeating: 0, count: min(max(count, 1), 1 << 20))
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(input, $0.baseAddress, $0.count)
            }
            if count >= 0 { return .success(Array(bytes.prefix(count))) }
            if errno != EINTR { return .failure(ReadError(words: SystemError.words(for: errno))) }
        }
    }

    /// Runs a call that blocks its thread, and waits for it or for the task's cancellation.
    private static func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async throws -> Result {
        let holder = Holder<Result>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                holder.set(continuation)
                if Task.isCancelled { return holder.finish(.failure(CancellationError())) }
                do throws(SystemThreadError) {
                    try SystemThread.start(name: "terminal", blocking: .brokenPipe) { holder.finish(.success(body())) }
                } catch {
                    holder.finish(.failure(WippyError(.unavailable, "the system has no room for another thread")))
                }
            }
        } onCancel: {
            holder.finish(.failure(CancellationError()))
        }
    }
}

/// The system's reason why it has read nothing.
private struct ReadError: Error {
    let words: String
}

/// A continuation that is resumed once, by the first call of `finish`.
private final class Holder<Result: Sendable>: Sendable {
    private let continuation = Mutex<CheckedContinuation<Result, any Error>?>(nil)

    func set(_ continuation: CheckedContinuation<Result, any Error>) {
        self.continuation.withLock { $0 = continuation }
    }

    func finish(_ result: Swift.Result<Result, any Error>) {
        continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }?.resume(with: result)
    }
}
