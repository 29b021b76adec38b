/// The lines of each element of a definition file's `entries`.
///
/// So only the changed entry must be composed after a change.
///
/// Only the usual form is divided: a line `entries:`, then a block list that extends to the end of the text. Its
/// elements begin in lines with a dash, and all dashes have the same indent. Every other line has a greater indent,
/// or is blank, or is a comment. Composing shows whether the lines really have elements: see ``areLines(of:)``.
struct EntryLines: Sendable {
    /// The lines from one dash to the next one.
    struct Element: Sendable {
        /// The range of the element's bytes in the text.
        let bytes: Range<Int>
        /// The range of the element's lines, counted from 1.
        let lines: Range<Int>
    }

    let text: String

    /// The elements, at least one.
    private(set) var elements: [Element] = []

    /// The line of the key `entries`.
    private var keyLine = 0

    /// The number of spaces before each dash.
    private(set) var indent = 0

    /// Divides a text into elements; nil if the text has another form.
    init?(_ text: String) {
        self.text = text
        let bytes = text.utf8Span.span
        var (start, line) = (0, 1)
        var open: (start: Int, line: Int)?
        while start < bytes.count {
            guard let found = Line(at: start, of: bytes) else { return nil }
            if keyLine == 0 {
                if found.isKey { keyLine = line }
            } else if found.saysSomething {
                if open == nil { indent = found.indent }
                if found.hasDash, found.indent == indent {
                    if let open { elements.append(Element(bytes: open.start..<start, lines: open.line..<line)) }
                    open = (start, line)
                } else if open == nil || found.indent <= indent {
                    return nil
                }
            }
            (start, line) = (found.end, line + 1)
        }
        guard let open else { return nil }
        elements.append(Element(bytes: open.start..<start, lines: open.line..<line))
    }

    /// A line of the text.
    private struct Line {
        /// The offset at which the next line begins.
        let end: Int
        let indent: Int
        /// True if the line is neither blank nor a comment.
        let saysSomething: Bool
        let hasDash: Bool
        let isKey: Bool

        init?(at start: Int, of bytes: Span<UInt8>) {
            var first = start
            while first < bytes.count, bytes[first] == UInt8(ascii: " ") { first += 1 }
            var end = first
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
                if Self.isLineEnd(bytes, end) { return nil }
                end += 1
            }
            guard first == end || bytes[first] != UInt8(ascii: "\t") else { return nil }
            self.end = min(end + 1, bytes.count)
            indent = first - start
            saysSomething = first < end && bytes[first] != UInt8(ascii: "#")
            hasDash =
                saysSomething && bytes[first] == UInt8(ascii: "-")
                && (first + 1 == end || bytes[first + 1] == UInt8(ascii: " "))
            isKey = EntryLines.areEqual(bytes.extracting(start..<end), "entries:".utf8Span.span)
        }

        /// Returns true if a byte ends one of the other characters that end a line: U+000D, U+0085, U+2028, U+2029.
        private static func isLineEnd(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
            switch bytes[index] {
            case 0x0D: true
            case 0x85: index > 0 && bytes[index - 1] == 0xC2
            case 0xA8, 0xA9: index > 1 && bytes[index - 1] == 0x80 && bytes[index - 2] == 0xE2
            default: false
            }
        }
    }

    private static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        var index = 0
        while index < left.count, left[index] == right[index] { index += 1 }
        return index == left.count
    }

    /// Returns true if the elements are the elements of the whole composed text, and each can be read by itself.
    func areLines(of composed: ComposedText) -> Bool {
        guard composed.problems.isEmpty, composed.standsAlone, let entries = composed.root?.pair("entries"),
            entries.keyLocation.line == keyLine, case .sequence(let nodes) = entries.value.content
        else { return false }
        return areLines(of: nodes, elements[...])
    }

    /// Returns true if each node begins in the lines of its element.
    func areLines(of nodes: [Node], _ elements: ArraySlice<Element>) -> Bool {
        nodes.count == elements.count && zip(nodes, elements).allSatisfy { $1.lines.contains($0.location.line) }
    }

    /// Returns the text of consecutive elements.
    func text(of elements: ArraySlice<Element>) -> String {
        let bytes = text.utf8.dropFirst(elements.first?.bytes.lowerBound ?? 0)
        let count = (elements.last?.bytes.upperBound ?? 0) - (elements.first?.bytes.lowerBound ?? 0)
        return String(Substring(bytes.prefix(count)))
    }

    /// Returns, for each element, the index of the element with the same bytes in the same lines of another text.
    ///
    /// An element without such a counterpart has nil. If the texts differ before the elements, all elements have nil.
    func places(in old: EntryLines) -> [Int?] {
        let (bytes, others) = (text.utf8Span.span, old.text.utf8Span.span)
        let (head, oldHead) = (0..<elements[0].bytes.lowerBound, 0..<old.elements[0].bytes.lowerBound)
        var places = [Int?](repeating: nil, count: elements.count)
        guard Self.areEqual(bytes.extracting(head), others.extracting(oldHead)) else { return places }
        var place = 0
        for (index, element) in elements.enumerated() {
            while place < old.elements.count, old.elements[place].lines.lowerBound < element.lines.lowerBound {
                place += 1
            }
            guard place < old.elements.count else { break }
            let other = old.elements[place]
            let isSame =
                element.lines == other.lines
                && Self.areEqual(bytes.extracting(element.bytes), others.extracting(other.bytes))
            places[index] = isSame ? place : nil
        }
        return places
    }
}
