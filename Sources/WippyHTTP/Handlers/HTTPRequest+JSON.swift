public import HTTPServing
import WippyRuntime
import WippyText
public import WippyValues

extension HTTPRequest {
    /// Reads the body as a JSON value.
    ///
    /// - Throws: ``HTTPError`` with status 400 when `JSON.decode` refuses the body, for example because it is empty.
    ///   The error's message is `invalid JSON`, and its details have the `reason`. Throws `HTTPBodyError` when the body
    ///   cannot be read.
    public func json() async throws -> Value {
        let bytes = try await body.collect()
        do {
            return try JSON.decode(bytes)
        } catch {
            var details: ValueMap = ["reason": .string(error.message)]
            if let place = error.place {
                details["line"] = .integer(place.line)
                details["column"] = .integer(place.column)
            }
            throw HTTPError(.badRequest, "invalid JSON", details: details)
        }
    }

    /// Reads the body as JSON and decodes it.
    ///
    /// - Throws: ``HTTPError`` with status 400 when `JSON.decode` refuses the body, or when the value does not fit
    ///   `Body`. Throws `HTTPBodyError` when the body cannot be read. An ``HTTPError`` that the type's own decoding
    ///   throws is passed on.
    public func json<Body: Decodable>(as type: Body.Type) async throws -> Body {
        let value = try await json()
        do {
            return try ValueDecoder().decode(type, from: value)
        } catch let error as HTTPError {
            throw error
        } catch {
            throw HTTPError(.badRequest, ArgumentMisfit(error).description)
        }
    }

    /// Returns the first value of a query parameter, decoded.
    ///
    /// The value is empty for `?name=` and `?name`. It is nil if the query has no such parameter. Parameters with a
    /// broken percent-encoding are left out.
    public func query(_ name: String) -> String? {
        head.queryItems.first { ExactText.areEqual($0.name, name) }?.value
    }

    /// Returns the decoded value of a path parameter, such as `id` in the pattern `/users/{id}`.
    ///
    /// The value is nil if neither the endpoint's path nor the prefix of its router has such a parameter.
    public func parameter(_ name: String) -> String? {
        parameters.first { ExactText.areEqual($0.name, name) }?.value
    }
}
