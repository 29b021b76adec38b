public import HTTPServing
import WippyRuntime
public import WippyValues

extension HTTPResponse {
    /// Returns an answer with a JSON value, as `application/json`.
    ///
    /// - Throws: `JSONError` when the value nests deeper than `JSON.maxNesting` levels.
    public static func json(_ value: Value, status: HTTPStatus = .ok) throws -> HTTPResponse {
        .json(encoded: try JSON.encode(value), status: status)
    }

    /// Returns an answer with an encodable value, as `application/json`.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when the value cannot be encoded, or nests too deep for JSON. A
    ///   `WippyError` that the type's own encoding throws is passed on.
    public static func json(encoding value: some Encodable, status: HTTPStatus = .ok) throws -> HTTPResponse {
        let value = try ValueEncoder.value(of: value, as: "answer")
        do {
            return try .json(value, status: status)
        } catch let error as JSONError {
            throw WippyError(
                .invalid, "the answer cannot be encoded as JSON: \(error)", isRetryable: false, cause: error)
        }
    }

    /// Returns an answer with JSON text, as `application/json`.
    ///
    /// The text is not checked.
    public static func json(encoded bytes: [UInt8], status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(json: bytes, status: status)
    }

    /// Returns an answer with a text, as `text/plain; charset=utf-8`.
    public static func text(_ text: String, status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status: status, fields: plainText, body: .bytes(Array(text.utf8)))
    }

    private static let plainText: HTTPFields = {
        var fields = HTTPFields()
        // The value has no control character, so it can be set.
        try? fields.set(.contentType, "text/plain; charset=utf-8")
        return fields
    }()
}
