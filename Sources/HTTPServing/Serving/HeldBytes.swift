/// The bytes that have been received and not parsed.
struct HeldBytes {
    /// The number of held bytes at which a connection stops receiving: 64 KiB.
    ///
    /// One more read may follow, so the connection holds at most twice this number.
    static let bound = 64 << 10

    private(set) var bytes: [UInt8] = []
    /// The index at which the unparsed bytes begin.
    private(set) var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { start == bytes.count }
    var isFull: Bool { count >= Self.bound }

    mutating func append(_ more: Span<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(copying: more)
    }

    /// Drops the bytes before this index.
    mutating func consume(to place: Int) {
        start = place
        guard isEmpty, start > 0 else { return }
        // An idle connection keeps a small buffer for the next request, and frees a larger one.
        bytes.removeAll(keepingCapacity: bytes.capacity <= 2048)
        start = 0
    }

    mutating func removeAll() {
        bytes = []
        start = 0
    }
}
