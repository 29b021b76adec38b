/// An error that a host function raises as a text.
///
/// If the caller is Lua code, the engine puts the place of the call before the text.
public struct LuaRaise: Error, Sendable, CustomStringConvertible {
    enum Content {
        case message(String)
        case argument(Int, String)
    }
    let content: Content

    /// Creates an error.
    ///
    /// - Parameter message: the problem, without a place.
    public init(_ message: String) { content = .message(message) }

    private init(_ content: Content) { self.content = content }

    /// Creates an error about an argument: "bad argument #1 to 'x' (problem)".
    ///
    /// The engine inserts the function's name, or `?` if it does not know the name.
    ///
    /// - Parameters:
    ///   - index: the number of the argument, counted from one.
    ///   - problem: the problem, in a few words.
    public static func argument(_ index: Int, _ problem: String) -> LuaRaise { .init(.argument(index, problem)) }

    /// Creates an error about an argument's type: "bad argument #1 to 'x' (string expected, got nil)".
    public static func argument(_ index: Int, expected: String, got: String) -> LuaRaise {
        .argument(index, "\(expected) expected, got \(got)")
    }

    func sentence(in function: String) -> String {
        switch content {
        case .message(let message): message
        case .argument(let index, let problem): "bad argument #\(index) to '\(function)' (\(problem))"
        }
    }

    /// The message, without a place.
    ///
    /// In an error about an argument, `?` stands for the function's name.
    public var description: String { sentence(in: "?") }
}
