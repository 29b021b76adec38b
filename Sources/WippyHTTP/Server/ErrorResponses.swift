import HTTPServing
import Synchronization
import WippyLog
import WippyRuntime
import WippyValues

/// Turns errors into answers.
///
/// No other code does so.
///
/// An error with a text for the client is answered with that text. A temporary error is answered with 503, every other
/// error with 500. The log gets the texts of these errors. The client gets them only in development. If the client
/// already has an answer or the beginning of one, for example because the handler took too long, the log gets the error
/// with a warning. No log gets an error that the client has made.
final class ErrorResponses: Sendable {
    private let log: Log
    private let isDevelopment: Bool
    private let clock: any RuntimeClock
    private let unavailable: Counter
    private let refusals = Mutex(LineAllowance(lines: 10, per: .seconds(1)))
    private let lateErrors = Mutex(LineAllowance(lines: 10, per: .seconds(1)))

    init(context: BuildContext) {
        log = context.log
        isDevelopment = context.environment.isDevelopment
        clock = context.environment.clock
        unavailable = context.environment.metrics.counter(ServerMetrics.unavailable, of: context.id)
    }

    func answer(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        if let error = error as? HTTPError { return error.response }
        if let answer = HTTPResponse(saidBy: error) { return answer }
        // The client's own mistake is not logged, however late it comes.
        if let misfit = (error as? WippyError)?.cause as? ArgumentMisfit {
            return HTTPError(.badRequest, "\(misfit)").response
        }
        if request.isAnswered {
            warn("a request failed after its client had an answer", of: error, request, within: lateErrors)
            return answer(.internalServerError, "internal error", error, request)
        }
        if let error = error as? WippyError, error.kind == .unavailable, error.isRetryable != false {
            return answer(unavailable: error, request)
        }
        log.error("a request failed", metadata(of: error, request))
        return answer(.internalServerError, "internal error", error, request)
    }

    /// Answers a temporary error.
    private func answer(unavailable error: WippyError, _ request: HTTPRequest) -> HTTPResponse {
        unavailable.add()
        warn("a request was temporarily refused", of: error, request, within: refusals)
        var response = answer(.serviceUnavailable, "unavailable; try again later", error, request)
        // The value has no control character, so it can be set.
        try? response.fields.set("Retry-After", "1")
        return response
    }

    /// Logs a warning of an error.
    ///
    /// An overload causes many of these errors. So the log gets only some of them, with the number of the others.
    private func warn(
        _ sentence: String, of error: any Error, _ request: HTTPRequest, within lines: borrowing Mutex<LineAllowance>
    ) {
        guard let leftOut = lines.withLock({ $0.take(at: clock.now) }) else { return }
        var metadata = metadata(of: error, request)
        if leftOut > 0 { metadata["left_out"] = LogValue(leftOut) }
        log.warning(sentence, metadata)
    }

    /// Logs the number of lines that were left out since the last one, if there are any.
    ///
    /// Call it when the server ends.
    func finish() {
        finish("requests were temporarily refused", refusals)
        finish("requests failed after their clients had an answer", lateErrors)
    }

    private func finish(_ sentence: String, _ lines: borrowing Mutex<LineAllowance>) {
        let leftOut = lines.withLock { $0.finish() }
        if leftOut > 0 { log.warning(sentence, ["left_out": LogValue(leftOut)]) }
    }

    private func answer(
        _ status: HTTPStatus, _ sentence: String, _ error: any Error, _ request: HTTPRequest
    ) -> HTTPResponse {
        let body: Value = [
            "error": .string(isDevelopment ? FailureReason.text(of: error) : sentence),
            "request_id": .string(request.id),
        ]
        return HTTPResponse(json: Array(JSON.text(of: body).utf8), status: status)
    }

    private func metadata(of error: any Error, _ request: HTTPRequest) -> LogMetadata {
        [
            "method": "\(request.method)", "path": "\(request.head.path)", "request_id": "\(request.id)",
            "error": "\(FailureReason.text(of: error))",
        ]
    }
}
