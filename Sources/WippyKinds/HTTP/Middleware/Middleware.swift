import HTTPServing
import WippyText

/// Something between the server and the routes of a router: it sees each request first and each answer last.
///
/// A middleware is one file in this folder with such a type, and one line in ``standardMiddlewares``. Its options stand
/// in the router's `options`, a map of texts.
protocol Middleware: Sendable {
    /// The name in a router's `middleware` or `post_middleware`.
    static var name: ExactText { get }

    /// The options that it reads, with their defaults.
    static var options: [MiddlewareOption] { get }

    /// Makes the middleware for one router.
    init(_ options: MiddlewareOptions)

    /// Answers a request itself, or lets `next` answer it. It also sees requests for which the router has no route.
    func respond(
        to request: HTTPRequest, next: (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse
}

/// The middlewares that a router can name: one line each.
let standardMiddlewares: [any Middleware.Type] = [
    CORSMiddleware.self
]

/// One option of a middleware.
struct MiddlewareOption: Sendable {
    /// The name in `options`: `cors.max.age`.
    let name: ExactText
    /// The name that older projects use, if there is one.
    let olderName: ExactText?
    /// The value when it is not written.
    let fallback: String
    /// What it is for, one sentence.
    let help: String

    init(_ name: ExactText, olderName: ExactText? = nil, default fallback: String, _ help: String) {
        self.name = name
        self.olderName = olderName
        self.fallback = fallback
        self.help = help
    }
}

/// The options of a router as one of its middlewares sees them.
struct MiddlewareOptions: Sendable {
    private let written: [ExactText: String]
    private let known: [MiddlewareOption]

    init(_ written: [ExactText: String], known: [MiddlewareOption]) {
        self.written = written
        self.known = known
    }

    /// The value of an option: as written, by its older name, or its default.
    subscript(name: ExactText) -> String {
        guard let option = known.first(where: { $0.name == name }) else { return "" }
        return written[option.name] ?? option.olderName.flatMap { written[$0] } ?? option.fallback
    }

    /// The elements of an option that is a list with commas between.
    func list(_ name: ExactText) -> [String] {
        self[name].unicodeScalars.split(separator: ",").map { Substring($0).trimmingSpaces() }.filter { !$0.isEmpty }
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        let start = drop { $0 == " " || $0 == "\t" }
        let end = start.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { String(start[...$0]) } ?? ""
    }
}
