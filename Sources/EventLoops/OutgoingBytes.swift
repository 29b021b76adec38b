import CWippyUV

/// What a connection has yet to write, in pieces as they came.
struct OutgoingBytes {
    private var chunks: [[UInt8]] = []
    /// The first chunk that is not written out, and how much of it is.
    private var first = 0
    private var written = 0

    /// How many bytes there are in all.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ bytes: [UInt8]) {
        chunks.append(bytes)
        count += bytes.count
    }

    /// Calls `body` with the first bytes, as many pieces of them as `space` lists, and with how many bytes these are.
    func withPieces<Result>(
        _ space: UnsafeMutableBufferPointer<uv_buf_t>,
        _ body: (UnsafeMutableBufferPointer<uv_buf_t>, Int) -> Result
    ) -> Result {
        let last = min(chunks.count, first + space.count)
        return withPieces(from: first, to: last, space, listed: 0, body)
    }

    /// One call deep for each piece, since an array's bytes stay in place only while they are lent out.
    private func withPieces<Result>(
        from index: Int, to last: Int, _ space: UnsafeMutableBufferPointer<uv_buf_t>, listed: Int,
        _ body: (UnsafeMutableBufferPointer<uv_buf_t>, Int) -> Result
    ) -> Result {
        guard index < last else {
            return body(UnsafeMutableBufferPointer(rebasing: space[..<(last - first)]), listed)
        }
        return chunks[index].withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[(index == first ? written : 0)...])
            // libuv's type for pieces to read into and to write from is one; it does not write here.
            let start = UnsafeMutableRawPointer(mutating: rest.baseAddress)?.assumingMemoryBound(to: CChar.self)
            // A piece has 32 bits for its length; what is past that goes out the next time.
            let length = min(rest.count, Int(Int32.max))
            space[index - first] = uv_buf_init(start, UInt32(length))
            let end = length < rest.count ? index + 1 : last
            return withPieces(from: index + 1, to: end, space, listed: listed + length, body)
        }
    }

    /// Forgets the first bytes; `count` at most.
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

    /// Moves the first bytes to `memory`, which has room for `count` of them at most.
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
