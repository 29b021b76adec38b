/// The lines of a text, counted as the YAML reader counts, for edits of single places.
struct TextLines {
    private let scalars: [Unicode.Scalar]
    /// The offset at which each line begins.
    private var starts = [0]
    /// The offset at which the content of each line ends, before the line's end.
    private var ends: [Int] = []

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        var place = TextPlace()
        for (index, scalar) in scalars.enumerated() {
            let line = place.line
            guard place.pass(scalar) else { continue }
            if place.line > line {
                ends.append(index)
                starts.append(index + 1)
            } else {
                starts[starts.count - 1] = index + 1
            }
        }
        ends.append(scalars.count)
    }

    /// The number of scalars in the text.
    var count: Int { scalars.count }

    /// The line end that the text uses: the first usual one, otherwise the first one, otherwise `\n`.
    var end: String {
        let all = zip(ends, starts.dropFirst()).map { text(in: $0..<$1) }
        return all.first(where: { ["\n", "\r\n", "\r"].contains($0) }) ?? all.first ?? "\n"
    }

    /// The line end to append to the last line; empty if the text ends with a line end.
    var missingEnd: String { starts.last == scalars.count ? "" : end }

    /// Returns the number of scalars before a place.
    func offset(of mark: YAMLEvents.Mark) -> Int {
        guard mark.line <= starts.count else { return scalars.count }
        return min(starts[mark.line - 1] + mark.column - 1, scalars.count)
    }

    /// Returns the number of scalars before the end of a line.
    ///
    /// Lines count from 1.
    func endOffset(ofLine line: Int) -> Int { line <= ends.count ? ends[line - 1] : scalars.count }

    /// Returns the text in a range of offsets.
    func text(in range: Range<Int>) -> String {
        String(scalars[range].reduce(into: String.UnicodeScalarView()) { $0.append($1) })
    }

    /// Returns the contents of the lines that begin in a range of offsets.
    func contents(in range: Range<Int>) -> [String] { ranges(in: range).map { text(in: $0) } }

    /// Returns the offsets of the contents of the lines that begin in a range of offsets.
    func ranges(in range: Range<Int>) -> [Range<Int>] {
        zip(starts, ends).filter { range.contains($0.0) }.map { $0..<$1 }
    }

    /// Returns the first offset in a range at which the text has a scalar and that meets the condition.
    func firstOffset(
        of scalar: Unicode.Scalar, in range: Range<Int>, where condition: (Int) -> Bool
    ) -> Int? {
        range.first { scalars[$0] == scalar && condition($0) }
    }

    /// Returns the text with ranges replaced, which must be in order and must not overlap.
    func replacing(_ edits: [(Range<Int>, String)]) -> String {
        var result = ""
        var place = 0
        for (range, new) in edits {
            result += text(in: place..<range.lowerBound) + new
            place = range.upperBound
        }
        return result + text(in: place..<scalars.count)
    }
}
