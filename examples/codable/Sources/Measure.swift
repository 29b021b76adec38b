import Wippy

/// A function for other handlers.
///
/// Its argument and its result have Swift types.
struct Measure: FunctionHandler {
    struct Size: Codable, Sendable, Equatable {
        var words: Int
        var longest: String
    }

    init(_ context: HandlerContext) {}

    func call(_ text: String) throws -> Size {
        let words = text.split(separator: " ")
        guard let longest = words.max(by: { $0.count < $1.count }) else {
            throw WippyError(.invalid, "the text is empty", isRetryable: false)
        }
        return Size(words: words.count, longest: String(longest))
    }
}
