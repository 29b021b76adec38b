/// Text compared by its UTF-8 bytes, which is how JSON, databases and scripts tell names apart.
///
/// Swift's own comparison of strings goes by Unicode equivalence and has to normalize what is not ASCII.
enum ValueTextOrder {
    /// Whether both texts have the same bytes.
    static func areEqual(_ left: String, _ right: String) -> Bool {
        // Asked before the spans are made: most names that differ, differ in length.
        guard left.utf8.count == right.utf8.count else { return false }
        let (left, right) = (left.utf8Span.span, right.utf8Span.span)
        var index = 0
        while index < left.count {
            guard left[index] == right[index] else { return false }
            index += 1
        }
        return true
    }

    /// Whether the first text comes before the second.
    static func precedes(_ left: String, _ right: String) -> Bool {
        let (left, right) = (left.utf8Span.span, right.utf8Span.span)
        let common = min(left.count, right.count)
        var index = 0
        while index < common {
            guard left[index] == right[index] else { return left[index] < right[index] }
            index += 1
        }
        return left.count < right.count
    }

    /// Feeds the bytes and their number to the hasher.
    static func hash(_ text: String, into hasher: inout Hasher) {
        let bytes = text.utf8Span.span
        hasher.combine(bytes.count)
        for index in bytes.indices {
            hasher.combine(bytes[index])
        }
    }
}
