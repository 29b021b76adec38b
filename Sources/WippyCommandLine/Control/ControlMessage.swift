package import WippyRuntime
import WippyText
package import WippyValues

/// A request to a running application: one line with a JSON object.
///
/// ```json
/// {"request": "queue.peek", "queue": "app:tasks", "limit": 10}
/// ```
///
/// The answer consists of lines: any number of `{"value": …}`, then `{"end": true}` or `{"error": "…"}`.
package struct ControlRequest: Sendable, Equatable {
    /// The largest size of a request's line, in bytes.
    static let maxBytes = 64 << 10

    /// The service to ask: `queue` in `queue.peek`.
    package let service: String
    /// The action of the service: `peek` in `queue.peek`.
    package let action: String
    /// The other fields of the request.
    package let arguments: ValueMap

    /// Creates a request.
    package init(_ service: String, _ action: String, _ arguments: ValueMap = [:]) {
        (self.service, self.action, self.arguments) = (service, action, arguments)
    }

    /// Reads a request from a line.
    init(line: [UInt8]) throws(ControlError) {
        guard var fields = (try? JSON.decode(line))?.map, let request = fields["request"]?.string else {
            throw ControlError("a request must be one line with a JSON object that has a string 'request'")
        }
        fields["request"] = nil
        let parts = request.unicodeScalars.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(String(parts[0]), parts.count > 1 ? String(parts[1]) : "", fields)
    }

    /// The request as a line.
    var line: [UInt8] {
        var fields = arguments
        fields["request"] = .string("\(service).\(action)")
        return ControlLine.bytes(of: .map(fields))
    }
}

/// A line of an answer.
enum ControlLine: Sendable, Equatable {
    case value(Value)
    case end
    case error(String)

    init?(_ bytes: [UInt8]) {
        guard let fields = (try? JSON.decode(bytes, maxNesting: Self.maxNesting))?.map else { return nil }
        if let value = fields["value"] {
            self = .value(value)
        } else if let sentence = fields["error"]?.string {
            self = .error(sentence)
        } else {
            self = .end
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .value(let value): Self.bytes(of: ["value": value])
        case .end: Self.bytes(of: ["end": true])
        case .error(let sentence): Self.bytes(of: ["error": .string(sentence)])
        }
    }

    /// The nesting limit of an answer.
    ///
    /// An answer may contain the body of a message, which may itself be nested up to the usual limit.
    private static let maxNesting = JSON.maxNesting + 8

    static func bytes(of value: Value) -> [UInt8] {
        let text = try? JSON.encode(value, maxNesting: maxNesting)
        return (text ?? Array(#"{"error":"the answer is nested too deeply"}"#.utf8)) + [UInt8(ascii: "\n")]
    }
}

/// A service of a running application for requests over its control socket.
///
/// A family adds it to its list of kinds by a ``ControlServicePart``.
package protocol ControlService: Sendable {
    /// The first word of the service's requests.
    static var name: String { get }

    /// Carries out a request and answers it.
    ///
    /// - Parameter send: sends a value of the answer, and waits until the other side reads.
    /// - Throws: an error. Its description is sent to the other side.
    func answer(_ request: ControlRequest, _ send: (Value) async throws -> Void) async throws
}

/// Adds a service for the control socket to a program, as a part in its list of kinds.
package struct ControlServicePart: ProgramPart {
    /// Makes the service of the application with a registry.
    let make: @Sendable (Registry) -> any ControlService

    /// Creates the part from a closure that makes the service.
    package init(_ make: @escaping @Sendable (Registry) -> any ControlService) {
        self.make = make
    }

    /// Adds the service to the program's services.
    package func list(in parts: inout ProgramParts) { parts.add(self, as: ControlServicePart.self) }
}
