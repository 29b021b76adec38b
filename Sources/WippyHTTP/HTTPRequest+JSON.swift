public import HTTPServing
import WippyRuntime
import WippyText
public import WippyValues

extension HTTPRequest {
    /// The body as a JSON value.
    ///
    /// - Throws: ``HTTPError`` with status 400 when the body is empty or no JSON. The message is `invalid JSON`. Beside
    ///   it `line`, `column` and `reason` say where, and which rule is broken.
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

    /// The body decoded from JSON.
    ///
    /// - Throws: ``HTTPError`` with status 400 when the body is no JSON or no `Body`, with the place or the field; an
    ///   ``HTTPError`` of the type's own as it is.
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

    /// The first value of a query parameter, decoded; empty for `?name=` and `?name`, nil when it is absent.
    public func query(_ name: String) -> String? {
        head.queryItems.first { ExactText.areEqual($0.name, name) }?.value
    }

    /// What stands in the path for a parameter of the endpoint's pattern, decoded; nil when the pattern has none of the
    /// name.
    public func parameter(_ name: String) -> String? {
        parameters.first { ExactText.areEqual($0.name, name) }?.value
    }
}
