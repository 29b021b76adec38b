import CWippyUV

/// The bytes that a connection has not written yet, in the pieces in which they came.
struct OutgoingBytes {
    private var chunks: [[UInt8]] = []
    /// The index of the first chunk that is not completely written, and the number of its written bytes.
    private var first = 0
    private var written = 0

    /// The number of all bytes.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ bytes: [UInt8]) {
        chunks.append(bytes)
        count += bytes.count
    }

    /// Calls `body` with the first bytes and with their number.
    ///
    /// The bytes come as a list of pieces in `space`, which holds as many pieces as fit.
    func withPieces<Result>(
        _ space: UnsafeMutableBufferPointer<uv_buf_t>,
        _ body: (UnsafeMutableBufferPointer<uv_buf_t>, Int) -> Result
    ) -> Result {
        let last = min(chunks.count, first + space.count)
        return withPieces(from: first, to: last, space, listed: 0, body)
    }

    /// Makes one nested call for each piece, because an array's bytes keep their place only during such a call.
    private func withPieces<Result>(
        from index: Int, to last: Int, _ space: UnsafeMutableBufferPointer<uv_buf_t>, listed: Int,
        _ body: (UnsafeMutableBufferPointer<uv_buf_t>, Int) -> Result
    ) -> Result {
        guard index < last else {
            return body(UnsafeMutableBufferPointer(rebasing: space[..<(last - first)]), listed)
        }
        return chunks[index].withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[(index == first ? written : 0)...])
            // libuv has one type for pieces to read into and to write from. It does not write here.
            let start = UnsafeMutableRawPointer(mutating: rest.baseAddress)?.assumingMemoryBound(to: CChar.self)
            // The length of a piece has 32 bits. Bytes past it go out the next time.
            let length = min(rest.count, Int(Int32.max))
            space[index - first] = uv_buf_init(start, UInt32(length))
            let end = length < rest.count ? index + 1 : last
            return withPieces(from: index + 1, to: end, space, listed: listed + length, body)
        }
    }

    /// Removes the first bytes; `amount` is at most `count`.
    mutating func removeFirst(_ amount: Int) {
        var left = amount
        while left > 0 {
            let rest = chunks[first].count - written
            if left < rest {
                written += left
                left = 0
            } else {
                left -= rest
                chunks[first] = []
                first += 1
                written = 0
            }
        }
        count -= amount
        dropWritten()
    }

    /// Moves the first bytes to `memory`, which has room for at most `count` bytes.
    mutating func moveFirst(to memory: UnsafeMutableBufferPointer<UInt8>) {
        var filled = 0
        var index = first
        var start = written
        while filled < memory.count {
            let part = chunks[index][start...].prefix(memory.count - filled)
            _ = memory[filled...].initialize(fromContentsOf: part)
            filled += part.count
            index += 1
            start = 0
        }
        removeFirst(filled)
    }

    private mutating func dropWritten() {
        if first == chunks.count {
            chunks.removeAll(keepingCapacity: chunks.count <= 64)
            first = 0
        } else if first >= 64, first * 2 >= chunks.count {
            chunks.removeFirst(first)
            first = 0
        }
    }
}
