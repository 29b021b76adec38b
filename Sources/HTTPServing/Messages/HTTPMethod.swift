/// The method of a request (RFC 9110, section 9).
///
/// Any token is a method. Methods are case-sensitive: `get` and `GET` are two methods.
public struct HTTPMethod: Sendable, Hashable, CustomStringConvertible {
    /// The method as it is written in the request line, such as `GET`.
    public let rawValue: String

    /// Creates a method; nil if the name is not a token (RFC 9110, section 5.6.2).
    public init?(_ rawValue: String) {
        guard Grammar.isToken(rawValue.utf8) else { return nil }
        self.rawValue = rawValue
    }

    init(checked rawValue: String) {
        self.rawValue = rawValue
    }

    /// The method's name.
    public var description: String { rawValue }

    /// Asks for the resource's content.
    public static var get: Self { Self(checked: "GET") }
    /// Asks for the head of the answer to GET, without the content.
    public static var head: Self { Self(checked: "HEAD") }
    /// Asks the resource to process the request's content.
    public static var post: Self { Self(checked: "POST") }
    /// Replaces the resource with the request's content.
    public static var put: Self { Self(checked: "PUT") }
    /// Removes the resource.
    public static var delete: Self { Self(checked: "DELETE") }
    /// Changes a part of the resource (RFC 5789).
    public static var patch: Self { Self(checked: "PATCH") }
    /// Asks for the communication options of the resource.
    public static var options: Self { Self(checked: "OPTIONS") }
    /// Asks the server to send the request back.
    public static var trace: Self { Self(checked: "TRACE") }
    /// Asks for a tunnel through a proxy.
    ///
    /// The server answers 400, because it is not a proxy.
    public static var connect: Self { Self(checked: "CONNECT") }
}

extension HTTPMethod {
    /// Creates the method in a range of a request line, which must be a token.
    init(token range: Range<Int>, of line: Span<UInt8>) {
        for method in Self.frequent(length: range.count) where Grammar.equal(range, of: line, method.rawValue) {
            self = method
            return
        }
        self.init(checked: String(decoding: [UInt8](copying: line.extracting(range)), as: UTF8.self))
    }

    private static func frequent(length: Int) -> [Self] {
        switch length {
        case 3: threeLetters
        case 4: fourLetters
        default: others
        }
    }

    private static let threeLetters: [Self] = [.get, .put]
    private static let fourLetters: [Self] = [.post, .head]
    private static let others: [Self] = [.delete, .patch, .options]
}

/// The version of a message: HTTP/1.0 or HTTP/1.1.
///
/// The parser reads a higher minor version as 1.1 (RFC 9110, section 2.5). It refuses every other major version.
public enum HTTPVersion: Sendable, Hashable {
    /// HTTP/1.0, which has no chunks.
    case http10
    /// HTTP/1.1, which has chunks.
    case http11
}
