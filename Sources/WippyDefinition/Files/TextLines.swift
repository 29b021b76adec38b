/// The lines of a text as the YAML reader counts them, to change some of it and nothing else.
struct TextLines {
    private let scalars: [Unicode.Scalar]
    /// Where each line begins.
    private var starts = [0]
    /// Where what is in each line ends; its line end follows, if it has one.
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

    /// How many scalars there are.
    var count: Int { scalars.count }

    /// The end of the first line that ends as lines usually do, else of the first, else `\n`.
    var end: String {
        let all = zip(ends, starts.dropFirst()).map { text(in: $0..<$1) }
        return all.first(where: { ["\n", "\r\n", "\r"].contains($0) }) ?? all.first ?? "\n"
    }

    /// What the last line lacks to be one.
    var missingEnd: String { starts.last == scalars.count ? "" : end }

    /// The scalars before a place.
    func offset(of mark: YAMLEvents.Mark) -> Int {
        guard mark.line <= starts.count else { return scalars.count }
        return min(starts[mark.line - 1] + mark.column - 1, scalars.count)
    }

    /// The scalars before the end of a line, counted from 1.
    func endOffset(ofLine line: Int) -> Int { line <= ends.count ? ends[line - 1] : scalars.count }

    /// A piece of the text.
    func text(in range: Range<Int>) -> String {
        String(scalars[range].reduce(into: String.UnicodeScalarView()) { $0.append($1) })
    }

    /// What is in the lines that begin in a range.
    func contents(in range: Range<Int>) -> [String] {
        zip(starts, ends).filter { range.contains($0.0) }.map { text(in: $0..<$1) }
    }

    /// The text with other texts in the place of ranges, which are in order and apart.
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
