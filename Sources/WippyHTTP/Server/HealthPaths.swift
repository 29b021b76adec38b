import HTTPServing
public import WippyDefinition
import WippyRuntime
import WippyText

/// The paths on which a server answers health checks.
///
/// The server looks at them before routes and middleware, for GET and HEAD only. It answers by itself, without a
/// handler.
public struct HealthPaths: Sendable, Equatable {
    /// The path of one health check: literal segments.
    struct Path: Sendable, Equatable {
        let pattern: RoutePattern
        /// The path as it stands in a request.
        let bytes: [UInt8]
    }

    /// The path that answers 200 as long as the program answers at all.
    let live: Path?

    /// The path that answers 200 if every required service is ready, otherwise 503.
    let ready: Path?

    /// No health checks.
    public static let none = HealthPaths(live: nil, ready: nil)

    private init(live: Path?, ready: Path?) {
        (self.live, self.ready) = (live, ready)
    }

    private static let liveField = "health.live"
    private static let readyField = "health.ready"

    /// Reads the fields `health.live` and `health.ready`.
    public init(from fields: inout FieldReader) {
        live = fields.optional(Self.liveField, "A path, usually /livez. It answers 200 while the program runs.")
        ready = fields.optional(
            Self.readyField,
            "A path, usually /readyz. It answers 200 while every required service is ready and the application is not "
                + "stopping, else 503.")
        if let live, let ready, live == ready {
            fields.reject(Self.readyField, "must differ from '\(Self.liveField)'")
        }
    }

    /// The paths, each with the name of its field.
    var named: [(field: String, path: Path)] {
        [(Self.liveField, live), (Self.readyField, ready)].compactMap { name, path in path.map { (name, $0) } }
    }

    /// Returns the answer to a health check; nil for any other request.
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
    static let form = FieldForm.pattern(shape.pattern, words: "a path such as /livez")

    /// Segments without parameters and without a slash at their end.
    private static let shape = RoutePattern.path(of: RoutePattern.literalShape)

    static let substitute = HealthPaths.Path(pattern: .substitute, bytes: [])

    init(reading node: Node) throws(FieldProblem) {
        pattern = try RoutePattern(reading: node)
        guard Self.shape.matches(pattern.text.string), let text = pattern.literalPath else {
            throw FieldProblem("must be one path, without parameters or a slash at its end, got '\(pattern.written)'")
        }
        bytes = text
    }

    var written: String { pattern.written }
}

extension RoutePattern {
    /// The only path that matches; nil if several paths match.
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
