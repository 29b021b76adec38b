/// The method of a request (RFC 9110, section 9).
///
/// Methods are case-sensitive: `get` is another method than `GET`. Any token is a method. The responder decides which
/// ones it supports.
public struct HTTPMethod: Sendable, Hashable, CustomStringConvertible {
    /// The method as in the request line.
    public let rawValue: String

    /// Creates a method; nil if the name is no token (RFC 9110, section 5.6.2).
    public init?(_ rawValue: String) {
        guard Grammar.isToken(rawValue.utf8) else { return nil }
        self.rawValue = rawValue
    }

    init(checked rawValue: String) {
        self.rawValue = rawValue
    }

    /// The method's name.
    public var description: String { rawValue }

    /// Transfers a representation of the target.
    public static var get: Self { Self(checked: "GET") }
    /// Like GET, without the content of the answer.
    public static var head: Self { Self(checked: "HEAD") }
    /// Makes the target process the request's content.
    public static var post: Self { Self(checked: "POST") }
    /// Replaces the target with the request's content.
    public static var put: Self { Self(checked: "PUT") }
    /// Removes the target.
    public static var delete: Self { Self(checked: "DELETE") }
    /// Changes a part of the target (RFC 5789).
    public static var patch: Self { Self(checked: "PATCH") }
    /// Asks what is possible with the target.
    public static var options: Self { Self(checked: "OPTIONS") }
    /// Returns the request to the client.
    public static var trace: Self { Self(checked: "TRACE") }
    /// Asks for a tunnel.
    ///
    /// The parser refuses it, because this is no proxy.
    public static var connect: Self { Self(checked: "CONNECT") }
}

extension HTTPMethod {
    /// The method in a range of a request line that is known to be a token.
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

/// The version of a message, as far as its framing depends on it.
///
/// A higher minor version is read as 1.1 (RFC 9110, section 2.5). Another major version is no HTTP/1 message.
public enum HTTPVersion: Sendable, Hashable {
    /// HTTP/1.0: closes the connection unless asked to keep it, and has no chunks.
    case http10
    /// HTTP/1.1.
    case http11
}
