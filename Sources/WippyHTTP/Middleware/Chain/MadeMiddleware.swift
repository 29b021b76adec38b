import WippyDefinition
import WippyRuntime
import WippyText

/// A middleware that was made for a router.
///
/// It is a class, because a reload that builds the router anew can keep the instance. Then the requests that the old
/// router has admitted find their states in the new one.
final class MadeMiddleware: Sendable {
    let middleware: any Middleware

    /// The place of the middleware in the router's lists, and its options; nil if no list names the middleware.
    let use: MiddlewareUse?

    /// Wraps a middleware that no list names.
    init(_ middleware: any Middleware) {
        (self.middleware, use) = (middleware, nil)
    }

    /// Makes the middleware that a list names.
    ///
    /// - Throws: the error of its `init`, at the place of its name.
    init(_ use: MiddlewareUse, with context: BuildContext) throws {
        middleware = try context.make("the middleware '\(use.named.name)'", at: use.location) {
            try use.named.make(MiddlewareContext(context))
        }
        self.use = use
    }
}

/// A middleware with its options, as a list of a router names it.
struct MiddlewareUse: Sendable, Equatable {
    /// The path of the field with the list.
    let list: String

    /// The place of the name in the list.
    let location: Location

    /// The named middleware, with its options.
    let named: ConfiguredMiddleware

    /// Returns true if both have the same list, middleware and options.
    ///
    /// The places of the names do not count.
    static func == (left: Self, right: Self) -> Bool { left.list == right.list && left.named == right.named }
}

/// A type of middleware with decoded options.
struct ConfiguredMiddleware: Sendable, Equatable {
    let name: ExactText

    /// Makes an instance.
    let make: @Sendable (MiddlewareContext) throws -> any Middleware

    private let options: any EntryConfig

    init<Named: Middleware>(_ type: Named.Type, from fields: inout FieldReader) {
        let options = Named.Options(from: &fields)
        name = Named.name
        self.options = options
        make = { try Named.make(options, with: $0) }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.options.equals(right.options)
    }
}
