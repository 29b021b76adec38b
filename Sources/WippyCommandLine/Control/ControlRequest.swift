import WippyText
public import WippyValues

/// A request of a command to a service of a running application.
///
/// It is sent as one line with a JSON object:
///
/// ```json
/// {"request": "queue.peek", "queue": "app:tasks", "limit": 10}
/// ```
///
/// The answer consists of lines: any number of `{"value": …}`, then `{"end": true}` or `{"error": "…"}`.
public struct ControlRequest: Sendable, Equatable {
    /// The largest size of a request's line, in bytes.
    static let maxBytes = 64 << 10

    /// The name of the service: `queue` in `queue.peek`.
    let service: String

    /// The action of the service: `peek` in `queue.peek`.
    public let action: String

    /// The other fields of the request.
    public let arguments: ValueMap

    init(service: String, action: String, arguments: ValueMap = [:]) {
        (self.service, self.action, self.arguments) = (service, action, arguments)
    }

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - service: the service that answers it.
    ///   - action: the action of the service.
    ///   - arguments: what the action needs. An argument with the name `request` is not sent. Default: none.
    public init<Service: ControlService>(_ service: Service.Type, action: String, arguments: ValueMap = [:]) {
        self.init(service: Service.name, action: action, arguments: arguments)
    }

    /// Reads a request from a line.
    init(line: [UInt8]) throws(ControlError) {
        guard var fields = (try? JSON.decode(line))?.map, let request = fields["request"]?.string else {
            throw ControlError("a request must be one line with a JSON object that has a string 'request'")
        }
        fields["request"] = nil
        let parts = request.unicodeScalars.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            service: String(parts[0]), action: parts.count > 1 ? String(parts[1]) : "", arguments: fields)
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
