public import HTTPServing
public import WippyDefinition
public import WippyRuntime

/// A handler that answers HTTP requests.
public protocol HTTPHandler: Handler {
    /// Answers a request.
    ///
    /// The task is cancelled when the client has gone, and after the endpoint's `timeouts.handler`.
    ///
    /// - Throws: any error. The answer depends on the error:
    ///   - An ``HTTPError`` is answered with its status and its message.
    ///   - An `HTTPBodyError` is answered with its status and its description, except if its code is `unavailable`.
    ///   - A `WippyError` whose cause is an `ArgumentMisfit` is answered with 400 and the text of the misfit.
    ///     `LinkedFunction.call(_:)` throws it when the function cannot take the value.
    ///   - A `CancellationError` is answered with 503 if the task was cancelled.
    ///   - An `HTTPServingError` with which the server itself would answer 503 is answered in the same way.
    ///   - A `WippyError` of kind `Unavailable` is answered with 503. If its `isRetryable` is false, the answer is 500.
    ///   - Any other error is answered with 500.
    ///
    ///   For the last two sorts, the client gets the error's text only in development.
    func handle(_ request: HTTPRequest) async throws -> HTTPResponse
}

extension HTTPHandler {
    /// The shape of HTTP handlers.
    public static var shape: HandlerShape {
        HandlerShape("an HTTP handler", of: Self.self, offers: .httpFunction) {
            HandlerResponder(handler: $0, placement: $1)
        }
    }
}

extension Contract where Offered == any HTTPResponder {
    /// The contract of an entry that answers HTTP requests.
    public static var httpFunction: Self { Contract("a function that answers HTTP requests", meaning: .calls) }
}

/// Calls an HTTP handler for the server.
///
/// It is a class, so a request calls it without a copy.
private final class HandlerResponder<Typed: HTTPHandler>: HTTPResponder {
    private let handler: Typed
    private let placement: Placement

    init(handler: Typed, placement: Placement) {
        self.handler = handler
        self.placement = placement
    }

    func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        var response = try await placement.run { try await handler.handle(request) }
        // The closure that writes the content is the handler's code, too. It runs after the handler has returned.
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
