/// What is to be changed in a source, in any order.
struct Edits: Sendable {
    /// A range of the source and what stands in its place.
    private struct Edit {
        /// Decides between changes at the same offset.
        enum Rank: Int { case closing, opening, replacement }

        let start: Int
        let end: Int
        let rank: Rank
        let order: Int
        let text: Text

        enum Text {
            case text(String)

            /// Spaces behind a first byte; tabs and ends of lines stay.
            case blank(first: UInt8)
        }
    }

    private var edits: [Edit] = []

    /// Encloses a range, for example in parentheses.
    ///
    /// A range that begins at the same offset and was enclosed before stands inside.
    mutating func enclose(_ range: Range<Int>, in opening: String, _ closing: String = ")") {
        edits.append(
            Edit(
                start: range.lowerBound, end: range.lowerBound, rank: .opening, order: -edits.count,
                text: .text(opening)))
        insert(closing, at: range.upperBound)
    }

    /// Puts a text behind what ends at an offset.
    mutating func insert(_ text: String, at offset: Int) {
        edits.append(Edit(start: offset, end: offset, rank: .closing, order: edits.count, text: .text(text)))
    }

    mutating func replace(_ range: Range<Int>, with text: String) {
        edits.append(
            Edit(start: range.lowerBound, end: range.upperBound, rank: .replacement, order: 0, text: .text(text)))
    }

    /// Makes spaces of a range; changes inside of it do not matter any more.
    ///
    /// - Parameter first: what stands in place of its first byte.
    mutating func blank(_ range: Range<Int>, first: Unicode.Scalar = " ") {
        edits.append(
            Edit(
                start: range.lowerBound, end: range.upperBound, rank: .replacement, order: 0,
                text: .blank(first: UInt8(ascii: first))))
    }

    /// The source with all changes.
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
