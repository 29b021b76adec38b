import HTTPServing
public import WippyDefinition
import WippyRuntime

/// The paths on which a server answers health checks.
///
/// They come before routes and middleware, for GET and HEAD only. The answers come at once, whatever handlers do, as
/// long as the server answers at all.
public struct HealthPaths: Sendable, Equatable {
    /// The path of one answer: literal segments.
    struct Path: Sendable, Equatable {
        let pattern: RoutePattern
        /// As a request has it.
        let bytes: [UInt8]
    }

    /// Where the answer is 200, since the program lives.
    let live: Path?

    /// Where the answer is 200 if every required service is ready, else 503.
    let ready: Path?

    /// No health checks.
    public static let none = HealthPaths(live: nil, ready: nil)

    private init(live: Path?, ready: Path?) {
        (self.live, self.ready) = (live, ready)
    }

    /// Reads `health.live` and `health.ready`.
    public init(from fields: inout FieldReader) {
        live = fields.optional("health.live", "A path that answers 200 while the program runs, usually /livez.")
        ready = fields.optional(
            "health.ready", "A path that answers 200 while every required service is ready, else 503; usually /readyz.")
        if let live, let ready, live == ready {
            fields.reject("health.ready", "must differ from 'health.live'")
        }
    }

    /// The paths with the names of their fields.
    var named: [(field: String, path: Path)] {
        [("health.live", live), ("health.ready", ready)].compactMap { name, path in path.map { (name, $0) } }
    }

    /// The answer to a question about the health; nil for any other request.
    func answer(to head: HTTPRequestHead, _ readiness: Readiness) throws -> HTTPResponse? {
        guard live != nil || ready != nil, head.method == .get || head.method == .head else { return nil }
        let path = head.pathBytes
        if let live, path.elementsEqual(live.bytes) { return try Self.answer("live", true) }
        if let ready, path.elementsEqual(ready.bytes) { return try Self.answer("ready", readiness.isReady) }
        return nil
    }

    private static func answer(_ question: String, _ isSo: Bool) throws -> HTTPResponse {
        var answer = HTTPResponse.json(
            encoded: Array("{\"\(question)\":\(isSo)}".utf8), status: isSo ? .ok : .serviceUnavailable)
        try answer.fields.set(.cacheControl, "no-store")
        return answer
    }
}

extension HealthPaths.Path: FieldValue {
    static var form: FieldForm { .pattern("^/[^?#{}]*[^?#{}/]$", words: "a path such as /livez") }

    static let placeholder = HealthPaths.Path(pattern: .placeholder, bytes: [])

    init(reading node: Node) throws(FieldProblem) {
        pattern = try RoutePattern(reading: node)
        guard let text = pattern.literalPath else {
            throw FieldProblem("must be one path, without parameters or a slash at its end, got '\(pattern.written)'")
        }
        bytes = text
    }

    var written: String { pattern.written }
}

extension RoutePattern {
    /// The path that alone matches; nil if others do, too.
    fileprivate var literalPath: [UInt8]? {
        guard end == .exact else { return nil }
        var path: [UInt8] = []
        for segment in segments {
            guard case .literal(let bytes) = segment else { return nil }
            path += [UInt8(ascii: "/")] + bytes
        }
        return path
    }
}
