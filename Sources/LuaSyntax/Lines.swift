/// The offsets at which the lines of a source begin.
struct Lines: Sendable {
    private var starts = [0]

    /// A line ends with LF, with CR, or with both in any order, as in Lua.
    init(of source: [UInt8]) {
        var index = 0
        while index < source.count {
            guard source[index].isNewline else {
                index += 1
                continue
            }
            index += source.newlineLength(at: index)
            starts.append(index)
        }
    }

    func location(of offset: Int) -> LuaLocation {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return LuaLocation(line: low + 1, column: offset - starts[low] + 1)
    }
}

extension [UInt8] {
    /// The length of the line break at an index, in bytes: two for CR LF and LF CR.
    func newlineLength(at index: Int) -> Int {
        index + 1 < count && self[index + 1].isNewline && self[index + 1] != self[index] ? 2 : 1
    }
}
