/// Text compared by its UTF-8 bytes, which is how JSON, databases and scripts tell names apart.
///
/// Swift's own comparison of strings goes by Unicode equivalence and has to normalize what is not ASCII.
enum ValueTextOrder {
    /// Whether both texts have the same bytes.
    static func areEqual(_ left: String, _ right: String) -> Bool {
        // Asked before the bytes are: most names that differ, differ in length.
        guard left.utf8.count == right.utf8.count else { return false }
        return withBytes(left, right) { left, right in
            var index = 0
            while index < left.count {
                guard left[index] == right[index] else { return false }
                index += 1
            }
            return true
        }
    }

    /// Whether the first text comes before the second.
    static func precedes(_ left: String, _ right: String) -> Bool {
        withBytes(left, right) { left, right in
            let common = min(left.count, right.count)
            var index = 0
            while index < common {
                guard left[index] == right[index] else { return left[index] < right[index] }
                index += 1
            }
            return left.count < right.count
        }
    }

    /// Feeds the bytes and their number to the hasher.
    static func hash(_ text: String, into hasher: inout Hasher) {
        let bytes = text.utf8Span.span
        hasher.combine(bytes.count)
        for index in bytes.indices {
            hasher.combine(bytes[index])
        }
    }

    /// Shows the bytes of two texts.
    ///
    /// By the views' storage, which the compiler sees through: `utf8Span` is a call into the standard library, and
    /// names are compared for each key of each message. Storage that is not contiguous is Foundation's alone.
    @inline(__always)
    private static func withBytes<Result>(
        _ left: String, _ right: String, _ body: (Span<UInt8>, Span<UInt8>) -> Result
    ) -> Result {
        let result = unsafe left.utf8.withContiguousStorageIfAvailable { left in
            unsafe right.utf8.withContiguousStorageIfAvailable { right in
                unsafe body(Span(_unsafeElements: left), Span(_unsafeElements: right))
            }
        }
        if let result = result ?? nil { return result }
        return body(left.utf8Span.span, right.utf8Span.span)
    }
}
