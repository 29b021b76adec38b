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
    private let ahead = Mutex<[UInt8]>([])

    init(arguments: [String]) {
        self.arguments = arguments
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
        let known = ahead.withLock { ahead in
            defer { ahead.removeFirst(min(count, ahead.count)) }
            return Array(ahead.prefix(count))
        }
        if !known.isEmpty { return known }
        return try await Self.onThread { Self.readNow(atMost: count) }
    }

    func readLine() async throws -> [UInt8]? {
        var searched = 0
        while true {
            let (line, count) = ahead.withLock { ahead -> ([UInt8]?, Int) in
                // Another reader may have taken bytes since the last search.
                let unsearched = ahead[min(searched, ahead.count)...]
                guard let end = unsearched.firstIndex(of: UInt8(ascii: "\n")) else { return (nil, ahead.count) }
                defer { ahead.removeFirst(end + 1) }
                return (Array(ahead[..<end]), 0)
            }
            if let line { return line.last == UInt8(ascii: "\r") ? line.dropLast() : line }
            guard count <= Self.lineMax else {
                throw WippyError(.invalid, "the line is longer than \(Self.lineMax) bytes", isRetryable: false)
            }
            searched = count
            let more = try await Self.onThread { Self.readNow(atMost: 4096) }
            ahead.withLock { $0 += more }
            guard more.isEmpty else { continue }
            let rest = ahead.withLock { ahead in
                defer { ahead = [] }
                return ahead
            }
            return rest.isEmpty ? nil : rest
        }
    }

    private static let lineMax = 1 << 20

    private static func readNow(atMost count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: min(max(count, 1), 1 << 20))
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count >= 0 { return Array(bytes.prefix(count)) }
            if errno != EINTR { return [] }
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
