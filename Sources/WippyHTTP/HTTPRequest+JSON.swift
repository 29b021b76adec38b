public import HTTPServing
import WippyRuntime
import WippyText
public import WippyValues

extension HTTPRequest {
    /// Reads the body as a JSON value.
    ///
    /// - Throws: ``HTTPError`` with status 400 when the body is empty or no JSON. The message is `invalid JSON`;
    ///   `line`, `column` and `reason` say where and why.
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

    /// Reads the body and decodes it from JSON.
    ///
    /// - Throws: ``HTTPError`` with status 400 when the body is no JSON or does not fit `Body`, with the place or the
    ///   field; an ``HTTPError`` that the type itself throws, unchanged.
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

    /// The first value of a query parameter, decoded.
    ///
    /// It is empty for `?name=` and `?name`, and nil if the query has no such parameter.
    public func query(_ name: String) -> String? {
        head.queryItems.first { ExactText.areEqual($0.name, name) }?.value
    }

    /// The decoded segment of the path for a parameter of the endpoint's pattern, such as `id` of `/users/{id}`; nil if
    /// the pattern has no such parameter.
    public func parameter(_ name: String) -> String? {
        parameters.first { ExactText.areEqual($0.name, name) }?.value
    }
}
