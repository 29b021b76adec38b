import WippyText

/// The path of an endpoint with the prefix of its router: literal segments, parameters, and how it ends.
///
/// - `/users/{id}` and `/users/:id`: one segment that is not empty, decoded.
/// - `/files/{rest...}`: what remains of the path; only at the end.
/// - `/a/`: `/a/` and everything below it. `/a/{$}`: `/a/` alone.
///
/// Source: the HTTP routing reference, which is that of Go's pattern multiplexer.
struct RoutePattern: Sendable, Hashable {
    /// What one part of a path must be.
    enum Segment: Sendable, Hashable {
        /// Exactly this text.
        case literal([UInt8])
        /// Anything that is not empty, under a name.
        case parameter(String)
    }

    /// What follows the segments.
    enum End: Sendable, Hashable {
        /// Nothing.
        case exact
        /// A slash and nothing more.
        case slash
        /// A slash and anything, under a name if it has one.
        case rest(String?)
    }

    let segments: [Segment]
    let end: End

    /// The pattern as it is written.
    let text: String

    /// Why a text is no pattern: the rest of a sentence that begins with the field's name.
    struct Flaw: Error {
        let message: String
    }

    /// Reads a pattern.
    init(_ text: String) throws(Flaw) {
        guard text.hasExactPrefix("/") else { throw Flaw(message: "must start with '/', got '\(text)'") }
        guard !text.utf8.contains(UInt8(ascii: "?")), !text.utf8.contains(UInt8(ascii: "#")) else {
            throw Flaw(message: "must be a path without '?' and '#', got '\(text)'")
        }
        var parts = text.unicodeScalars.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(
            String.init)
        let last = parts.removeLast()
        var segments: [Segment] = []
        for part in parts { segments.append(try Self.segment(part, in: text)) }
        switch last {
        case "": end = .rest(nil)
        case "{$}": end = .slash
        case _ where last.hasExactPrefix("{") && last.hasExactSuffix("...}"):
            end = .rest(try Self.name(String(last.unicodeScalars.dropFirst().dropLast(4)), in: text))
        default:
            segments.append(try Self.segment(last, in: text))
            end = .exact
        }
        self.segments = segments
        self.text = text
        try checkNames()
    }

    /// Why a text is no pattern; nil when it is one.
    static func flaw(in text: String) -> Flaw? {
        do throws(Flaw) {
            _ = try RoutePattern(text)
            return nil
        } catch {
            return error
        }
    }

    private static func segment(_ part: String, in text: String) throws(Flaw) -> Segment {
        if part.hasExactPrefix(":") { return .parameter(try name(part.dropping(":"), in: text)) }
        guard part.unicodeScalars.contains(where: { $0 == "{" || $0 == "}" }) else {
            guard !part.isEmpty, part != ".", part != ".." else {
                throw Flaw(message: "must not have empty, '.' or '..' segments, got '\(text)'")
            }
            return .literal(Array(part.utf8))
        }
        guard part.hasExactPrefix("{"), part.hasExactSuffix("}") else {
            throw Flaw(message: "has '\(part)'; a parameter is a whole segment, such as {id}")
        }
        let inside = String(part.unicodeScalars.dropFirst().dropLast())
        if inside.hasExactSuffix("...") || inside == "$" {
            throw Flaw(message: "has '\(part)' before its end; it can only be the last segment")
        }
        return .parameter(try name(inside, in: text))
    }

    private static func name(_ name: String, in text: String) throws(Flaw) -> String {
        let isWord = name.allSatisfy { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
        guard !name.isEmpty, isWord, name.first?.isNumber == false else {
            throw Flaw(message: "has a parameter '\(name)'; a name is letters, digits and '_', got '\(text)'")
        }
        return name
    }

    private func checkNames() throws(Flaw) {
        var seen: Set<ExactText> = []
        for name in parameterNames where !seen.insert(ExactText(name)).inserted {
            throw Flaw(message: "has the parameter '\(name)' twice")
        }
    }

    /// The names of the parameters, in order of the path.
    var parameterNames: [String] {
        let named = segments.compactMap { segment in
            if case .parameter(let name) = segment { name } else { nil }
        }
        if case .rest(let name?) = end { return named + [name] }
        return named
    }
}
