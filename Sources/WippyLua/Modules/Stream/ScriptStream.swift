public import LuaEngine
import WippyDefinition

/// Bytes that a script reads in pieces, such as the body of a request or a file of a form.
///
/// A function of a module returns a stream by `stack.succeed(stream, as: ScriptStream.type)`. If the stream's source
/// must not outlive the call, register the stream by `LuaState.cleanUpAfterCall(_:)`. Then the end of the call closes
/// the stream.
///
/// `@unchecked Sendable`: the object belongs to one state, which is used by one thread at a time.
public final class ScriptStream: LuaCleanup, @unchecked Sendable {
    /// The largest number of bytes that `read` returns if the script does not set a number.
    private static let readBytes = 32 * 1024

    /// The source of further bytes; nil if all bytes are there.
    private var source: (any ByteSource)?
    /// True if all bytes are there, so that they can be read again.
    private let isSeekable: Bool
    private var bytes: [UInt8]
    /// The index of the first unread byte.
    private var start = 0
    /// The number of bytes that were read from the source and are not kept any more.
    private var forgotten = 0
    private(set) var isAtEnd: Bool
    private var isWaiting = false
    private var isClosed = false

    /// Creates a stream of the bytes of a source.
    public init(_ source: any ByteSource) {
        (self.source, bytes, isAtEnd, isSeekable) = (source, [], false, false)
    }

    /// Creates a stream of bytes, which a script can read several times.
    public init(_ bytes: [UInt8]) {
        (self.bytes, isAtEnd, isSeekable) = (bytes, true, true)
    }

    var unread: ArraySlice<UInt8> { bytes[start...] }

    /// Marks the first `count` unread bytes as read.
    func skip(_ count: Int) { start += count }

    /// The reason why the stream cannot be read now; nil if it can be read.
    var problem: LuaError? {
        if isClosed { return .internal("stream is closed") }
        return isWaiting ? .internal("another coroutine is reading from the stream") : nil
    }

    /// Waits for further bytes if there are any.
    ///
    /// Then calls `goOn`, with the error if the bytes cannot be read.
    func fill(_ goOn: @escaping (LuaStack, LuaError?) throws -> LuaVerdict) -> LuaVerdict {
        isWaiting = true
        return .wait { [source] in
            try await source?.next()
        } then: { [self] stack, result in
            isWaiting = false
            do {
                if let piece = try result.get() { add(piece) } else { isAtEnd = true }
            } catch {
                return try goOn(stack, LuaError(of: error))
            }
            return try goOn(stack, isClosed ? problem : nil)
        }
    }

    /// Adds bytes of the source.
    ///
    /// It drops bytes that were read once they are the larger part, so that few bytes are moved for each that is read.
    func add(_ piece: [UInt8]) {
        if start >= unread.count {
            bytes.removeFirst(start)
            forgotten += start
            start = 0
        }
        if bytes.isEmpty { bytes = piece } else { bytes += piece }
    }

    private func read(_ stack: LuaStack, atMost count: Int) -> LuaVerdict {
        if let problem { return stack.fail(problem) }
        if unread.isEmpty, !isAtEnd {
            return fill { [self] stack, error in
                if let error { return stack.fail(error) }
                return give(stack, atMost: count)
            }
        }
        return give(stack, atMost: count)
    }

    /// Returns unread bytes, or nil at the end.
    private func give(_ stack: LuaStack, atMost count: Int) -> LuaVerdict {
        let piece = unread.prefix(count)
        guard !piece.isEmpty else {
            stack.pushNil()
            return stack.succeed()
        }
        skip(piece.count)
        return stack.succeed(Array(piece))
    }

    private func seek(_ stack: LuaStack) throws -> LuaVerdict {
        let whence = try stack.checkString(at: 2, default: "set")
        let offset = try stack.checkInteger(at: 3, default: 0)
        let base: Int
        switch whence {
        case "set": base = 0
        case "cur": base = start
        case "end": base = bytes.count
        default:
            let problem = "the first argument must be 'set', 'cur' or 'end', got '\(whence)'"
            return stack.give(.integer(-1), .invalid(problem))
        }
        if let problem { return stack.give(.integer(-1), problem) }
        guard isSeekable else { return stack.give(.integer(-1), .internal("stream is not seekable")) }
        let (place, isTooFar) = base.addingReportingOverflow(offset)
        guard !isTooFar, place >= 0 else {
            return stack.give(.integer(-1), .internal("the position is before the beginning"))
        }
        start = min(place, bytes.count)
        return stack.succeed(start)
    }

    private func describe(_ stack: LuaStack) -> LuaVerdict {
        if let problem { return stack.fail(problem) }
        stack.push(
            LuaValue.object([
                (Array("size".utf8), .integer(isSeekable ? bytes.count : source?.count ?? -1)),
                (Array("position".utf8), .integer(forgotten + start)),
                (Array("readable".utf8), .bool(true)),
                (Array("writable".utf8), .bool(false)),
                (Array("seekable".utf8), .bool(isSeekable)),
            ]))
        return stack.succeed()
    }

    /// Closes the source.
    ///
    /// A second call does nothing.
    private func close() {
        isClosed = true
        source = nil
        bytes = []
        start = 0
    }

    /// Closes a stream that is still open at the end of the call.
    public func cleanUp() async { close() }

    /// The type of streams, for scripts.
    public static let type: LuaObjectType<ScriptStream> = LuaObjectType(
        "stream.Stream",
        methods: [
            "read": { stack, stream in
                let count = try stack.checkInteger(at: 2, default: 0)
                return stream.read(stack, atMost: count > 0 ? count : readBytes)
            },
            "write": { stack, stream in
                try stack.checkText(at: 2)
                return stack.give(.integer(0), stream.problem ?? .internal("stream is not writable"))
            },
            "seek": { stack, stream in try stream.seek(stack) },
            "flush": { stack, stream in
                if let problem = stream.problem { return stack.give(.bool(false), problem) }
                return stack.succeed(true)
            },
            "stat": { stack, stream in stream.describe(stack) },
            "close": { stack, stream in
                stack.state.isCleanedUp(stream)
                stream.close()
                return stack.succeed(true)
            },
            "scanner": { stack, stream in
                let name = try stack.checkString(at: 2, default: TokenRule.lines.rawValue)
                guard let rule = TokenRule(rawValue: name) else {
                    return stack.fail(.invalid("'\(name)' is not one of 'lines', 'words', 'bytes' and 'runes'"))
                }
                if let problem = stream.problem { return stack.fail(problem) }
                return stack.succeed(ScriptScanner(stream, rule), as: ScriptScanner.type)
            },
        ],
        text: { $0.isClosed ? "stream.Stream{closed}" : "stream.Stream{}" })
}

/// Divides a stream into tokens, one after another.
///
/// Like its stream, it belongs to one state.
final class ScriptScanner {
    /// The largest length of a token, in bytes.
    fileprivate static let maxTokenBytes = 64 * 1024

    private let stream: ScriptStream
    private let rule: TokenRule
    private var token: [UInt8] = []
    private var failure: LuaError?

    init(_ stream: ScriptStream, _ rule: TokenRule) {
        (self.stream, self.rule) = (stream, rule)
    }

    /// - Parameter searched: the number of unread bytes that are known to have no end of a token.
    private func scan(_ stack: LuaStack, from searched: Int = 0) -> LuaVerdict {
        if let problem = stream.problem { return fail(stack, problem) }
        switch rule.find(in: stream.unread, from: searched, isAtEnd: stream.isAtEnd) {
        case .token(let found, let consumed):
            stream.skip(consumed)
            guard found.count <= Self.maxTokenBytes else { return fail(stack, .tokenTooLong) }
            token = found
            return stack.succeed(true)
        case .end:
            token = []
            return stack.succeed(false)
        case .needsMore(let skipped):
            stream.skip(skipped)
            let searched = stream.unread.count
            guard searched <= Self.maxTokenBytes else { return fail(stack, .tokenTooLong) }
            return stream.fill { [self] stack, error in
                if let error { return fail(stack, error) }
                return scan(stack, from: searched)
            }
        }
    }

    private func fail(_ stack: LuaStack, _ error: LuaError) -> LuaVerdict {
        token = []
        failure = error
        return stack.give(.bool(false), error)
    }

    static let type: LuaObjectType<ScriptScanner> = LuaObjectType(
        "stream.Scanner",
        methods: [
            "scan": { stack, scanner in
                scanner.failure = nil
                return scanner.scan(stack)
            },
            "text": { stack, scanner in
                stack.push(scanner.token)
                return .one
            },
            "err": { stack, scanner in
                if let failure = scanner.failure { stack.push(failure.message) } else { stack.pushNil() }
                return .one
            },
        ])
}

extension LuaError {
    fileprivate static let tokenTooLong = LuaError.internal(
        "a token is longer than \(ByteCount(ScriptScanner.maxTokenBytes).written)")
}

extension LuaStack {
    /// Returns a value that is not a result, and an error.
    fileprivate func give(_ value: LuaValue, _ error: LuaError) -> LuaVerdict {
        push(value)
        push(error)
        return .results(2)
    }
}
