/// A text that is a key or an identity, and is compared only by its UTF-8 bytes.
///
/// Swift's own `==` on strings uses Unicode equivalence: a composed and a decomposed `é` are equal. JSON and HTTP
/// treat them as different. To compare strings by their bytes, use ``areEqual(_:_:)``.
///
/// ```swift
/// var statements: [ExactText: Statement] = [:]
/// statements["SELECT 1"]                       // a literal is an exact text
/// statements[ExactText(sql)]
/// ```
@frozen
public struct ExactText: Sendable {
    /// The text.
    public let string: String

    /// Creates an exact text from a string.
    @inlinable
    public init(_ string: String) {
        self.string = string
    }

    /// Creates an exact text from a part of a string.
    @inlinable
    public init(_ text: Substring) {
        string = String(text)
    }
}

extension ExactText: Hashable {
    /// True if both have the same bytes.
    @inlinable
    public static func == (left: ExactText, right: ExactText) -> Bool { areEqual(left.string, right.string) }

    /// Hashes the bytes and their number.
    @inlinable
    public func hash(into hasher: inout Hasher) { ExactText.hash(string, into: &hasher) }
}

extension ExactText: Comparable {
    /// True if the left text comes first in the order of the bytes.
    @inlinable
    public static func < (left: ExactText, right: ExactText) -> Bool { precedes(left.string, right.string) }
}

extension ExactText: ExpressibleByStringLiteral, CustomStringConvertible {
    /// Creates an exact text from a literal.
    @inlinable
    public init(stringLiteral value: String) { self.init(value) }

    /// The text.
    @inlinable public var description: String { string }
}

extension ExactText {
    /// Returns true if both texts have the same bytes.
    @inlinable
    public static func areEqual(_ left: String, _ right: String) -> Bool {
        // This comes first, because most names that differ have different lengths.
        guard left.utf8.count == right.utf8.count else { return false }
        let result = unsafe left.utf8.withContiguousStorageIfAvailable { left in
            unsafe right.utf8.withContiguousStorageIfAvailable { right in
                unsafe haveEqualBytes(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
            }
        }
        return (result ?? nil) ?? left.utf8.elementsEqual(right.utf8)
    }

    /// Returns true if the first text comes before the second one in the order of their bytes.
    @inlinable
    public static func precedes(_ left: String, _ right: String) -> Bool {
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

    /// Hashes the bytes of a text and their number.
    @inlinable
    public static func hash(_ text: String, into hasher: inout Hasher) {
        hasher.combine(text.utf8.count)
        let isHashed: Void? = unsafe text.utf8.withContiguousStorageIfAvailable {
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isHashed == nil { unsafe Array(text.utf8).withUnsafeBytes { unsafe hasher.combine(bytes: $0) } }
    }

    /// Returns true if the texts have the same bytes, up to the length of the first.
    ///
    /// It compares eight bytes at a time, because a statement of SQL has hundreds.
    @inlinable
    static func haveEqualBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        // A text is often compared with itself, for example the literal of a call.
        if unsafe left.baseAddress == right.baseAddress { return true }
        var index = 0
        while index + 8 <= left.count {
            let word = unsafe left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard unsafe word == right.loadUnaligned(fromByteOffset: index, as: UInt64.self) else { return false }
            index += 8
        }
        while index < left.count {
            guard unsafe left[index] == right[index] else { return false }
            index += 1
        }
        return true
    }

    /// Calls `body` with the bytes of two texts.
    ///
    /// It uses the storage of the views, because the compiler can optimize that. `utf8Span` is a call into the
    /// standard library, and names are compared for each key of each message. Only Foundation's strings have storage
    /// that is not contiguous.
    @inlinable
    @inline(__always)
    static func withBytes<Result>(
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
