import WippyText

/// Changes of a source, which can be added in any order.
struct Edits: Sendable {
    /// A range of the source, and the text that replaces it.
    private struct Edit {
        /// Orders changes at the same offset.
        enum Rank: Int { case closing, opening, replacement }

        let start: Int
        let end: Int
        let rank: Rank
        let order: Int
        let text: Text

        enum Text {
            case text(String)

            /// A first byte and then spaces.
            ///
            /// Tabs and line breaks stay.
            case blank(first: UInt8)
        }
    }

    private var edits: [Edit] = []

    /// Encloses a range, for example in parentheses.
    ///
    /// If an enclosed range was added earlier and begins at the same offset, it is inside.
    mutating func enclose(_ range: Range<Int>, in opening: String, _ closing: String = ")") {
        edits.append(
            Edit(
                start: range.lowerBound, end: range.lowerBound, rank: .opening, order: -edits.count,
                text: .text(opening)))
        insert(closing, at: range.upperBound)
    }

    /// Inserts a text at an offset, after a range that ends there.
    mutating func insert(_ text: String, at offset: Int) {
        edits.append(Edit(start: offset, end: offset, rank: .closing, order: edits.count, text: .text(text)))
    }

    mutating func replace(_ range: Range<Int>, with text: String) {
        edits.append(
            Edit(start: range.lowerBound, end: range.upperBound, rank: .replacement, order: 0, text: .text(text)))
    }

    /// Replaces a range by spaces.
    ///
    /// Changes inside the range then have no effect.
    ///
    /// - Parameter first: the character that replaces the first byte.
    mutating func blank(_ range: Range<Int>, first: Unicode.Scalar = " ") {
        edits.append(
            Edit(
                start: range.lowerBound, end: range.upperBound, rank: .replacement, order: 0,
                text: .blank(first: UInt8(ascii: first))))
    }

    /// Returns the source with all changes.
    func apply(to source: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(source.count + 16 * edits.count)
        var offset = 0
        for edit in edits.sorted(by: { ($0.start, $0.rank.rawValue, $0.order) < ($1.start, $1.rank.rawValue, $1.order) }
        )
        where edit.start >= offset {
            result += source[offset..<edit.start]
            switch edit.text {
            case .text(let text): result += text.utf8
            case .blank(let first):
                result.append(first)
                for byte in source[edit.start + 1..<edit.end] { result.append(byte.isBlank ? byte : 0x20) }
            }
            offset = edit.end
        }
        result += source[offset...]
        return result
    }
}
