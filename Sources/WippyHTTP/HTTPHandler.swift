public import HTTPServing
public import WippyDefinition
public import WippyRuntime

/// A handler of HTTP requests.
public protocol HTTPHandler: Handler {
    /// Answers a request.
    ///
    /// The task is cancelled when the client goes away, or after the endpoint's `timeouts.handler`.
    ///
    /// - Throws: ``HTTPError`` to answer with its status. If a function cannot take the value that you pass it, its
    ///   error is answered with status 400 and names the field. A retryable `WippyError` of kind `Unavailable` is
    ///   answered with 503, and any other error with 500. The texts of the last two go to the log and not to the
    ///   client.
    func handle(_ request: HTTPRequest) async throws -> HTTPResponse
}

extension HTTPHandler {
    /// An HTTP handler.
    public static var shape: HandlerShape {
        HandlerShape("an HTTP handler", of: Self.self, offers: .httpFunction) {
            HandlerResponder(handler: $0, placement: $1)
        }
    }
}

extension Contract where Offered == any HTTPResponder {
    /// An entry that answers HTTP requests.
    public static var httpFunction: Self { Contract("a function that answers HTTP requests", meaning: .calls) }
}

/// An HTTP handler as the server calls it.
///
/// A class, so that a request calls it without a copy.
private final class HandlerResponder<Typed: HTTPHandler>: HTTPResponder {
    private let handler: Typed
    private let placement: Placement

    init(handler: Typed, placement: Placement) {
        self.handler = handler
        self.placement = placement
    }

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        var response = try await placement.run { try await handler.handle(request) }
        // What is written after the handler has returned is its code, too.
        if case .stream(let length, let write) = response.body {
            let placement = placement
            @Sendable func writeHere(_ writer: inout HTTPBodyWriter) async throws {
                try await placement.runHere { try await write(&writer) }
            }
            response.body = .stream(length: length, writeHere)
        }
        return response
    }
}
